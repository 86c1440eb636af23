"""Forms of the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.forms import DocumentForm
from apps.applications.forms.fields import UploadField
from apps.applications.kinds import kinds_handed_in
from apps.approval.forms import VersionForm, negotiate_form
from apps.borrowers.models import Outcome
from apps.borrowers.models.privacy import LONGEST as PRIVACY_LONGEST
from apps.core.forms import CleanForm, DayField, MomentField
from apps.portal.models import AnnouncementKind, Audience
from apps.workflow.forms import LONGEST, NothingMoreForm, ReasonedForm, offer_choices
from apps.workflow.models import ReasonKind

__all__ = [
    "AcceptForm",
    "AnnouncementForm",
    "AnswerForm",
    "DataAnswerForm",
    "HandInForm",
    "MessageForm",
    "PrivacyAnswerForm",
    "PrivacyAskForm",
    "ReviewAskForm",
    "WithdrawForm",
    "terms_form",
]


def handed_in() -> list[tuple[str, Any]]:
    """Kinds of documents that a borrower hands in."""
    return [("", _("Choose…")), *kinds_handed_in().items()]


class AnswerForm(VersionForm):
    """The answer to a question, with a document if one was asked for."""

    text = forms.CharField(label=_("Your answer"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}))
    code = forms.ChoiceField(label=_("What the document is"), required=False)
    file = UploadField(label=_("Document"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "code", handed_in())

    def clean(self) -> dict[str, Any]:
        """Ask what the document is."""
        cleaned = super().clean() or {}
        if cleaned.get("file") and not cleaned.get("code"):
            self.add_error("code", _("Choose what the document is."))
        return cleaned


class MessageForm(CleanForm):
    """A message to the bank."""

    body = forms.CharField(label=_("Message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class AcceptForm(NothingMoreForm):
    """Yes to an offer, said on purpose."""

    agreed = forms.BooleanField(label=_("I have read the terms and the conditions, and I accept them."))


class ReviewAskForm(CleanForm):
    """Why a person should look at a decision again."""

    words = forms.CharField(
        label=_("What should we look at again?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Say what was overlooked or is wrong. You may hand in documents too."),
    )  # fmt: skip


class DataAnswerForm(CleanForm):
    """The answer to a request for data; a refusal says why."""

    answer = forms.ChoiceField(
        label=_("Answer"), widget=forms.RadioSelect,
        choices=[("give", _("Grant: make the copy now")), ("refuse", _("Refuse"))],
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why it is refused"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The borrower reads it as you write it."),
    )  # fmt: skip


class PrivacyAskForm(CleanForm):
    """What a borrower asks about their data."""

    words = forms.CharField(
        label=_("Your words"), required=False, max_length=PRIVACY_LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For a correction: what is wrong, and how it is right."),
    )  # fmt: skip


class PrivacyAnswerForm(CleanForm):
    """The answer to a request about data."""

    outcome = forms.ChoiceField(
        label=_("Answer"),
        choices=[(Outcome.GRANTED, _("Grant the request")), (Outcome.REFUSED, _("Refuse the request"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("What the borrower reads"), max_length=PRIVACY_LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For a deletion: what is deleted when, or what has to be kept until when, and why."),
    )  # fmt: skip


class AnnouncementForm(CleanForm):
    """What is announced, to whom, from when to when, in both languages."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AnnouncementKind.choices, widget=forms.RadioSelect)
    audience = forms.ChoiceField(label=_("For whom"), choices=Audience.choices, widget=forms.RadioSelect)
    begins_at = MomentField(label=_("Begins"))
    ends_at = MomentField(label=_("Ends"))
    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)
    text_en = forms.CharField(
        label=_("Text in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_zh = forms.CharField(
        label=_("Text in Chinese"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Nothing about a person or a case stands in an announcement, and no link: people should not learn to follow links."),
    )  # fmt: skip
    halves = ("begins_at", "ends_at")

    def clean(self) -> dict[str, Any]:
        """See that it ends after it begins."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("begins_at"), cleaned.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("Choose a moment after the beginning."))
        return cleaned


class PeriodForm(CleanForm):
    """The days of a statement; empty ones leave it open."""

    begins = DayField(label=_("From day"), required=False)
    ends = DayField(label=_("To day"), required=False)

    def clean(self) -> dict[str, Any]:
        """See that it ends after it begins."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("Choose a day after the first one."))
        return cleaned


class SettleForm(CleanForm):
    """The day on which everything is paid."""

    on = DayField(label=_("On which day do you pay?"))


class HandInForm(DocumentForm):
    """A document of the checklist, a letter, or anything else that the borrower wants to show."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "code", handed_in())


class WithdrawForm(ReasonedForm):
    """Why the borrower withdraws."""

    kind = ReasonKind.WITHDRAW
    sure = forms.BooleanField(label=_("Yes, I withdraw this application."))


def terms_form(facilities: Sequence[Mapping[str, Any]], currency: str) -> type[VersionForm]:
    """Form for a counter-offer: other terms for one facility or more, and why."""
    why = forms.CharField(
        label=_("Why do you ask for other terms?"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    return type("TermsForm", (negotiate_form(facilities, currency),), {"paper": None, "words": why})
