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
from apps.core.forms import CleanForm
from apps.workflow.forms import LONGEST, NothingMoreForm, ReasonedForm, offer_choices
from apps.workflow.models import ReasonKind

__all__ = ["AcceptForm", "AnswerForm", "HandInForm", "MessageForm", "WithdrawForm", "terms_form"]


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


class HandInForm(DocumentForm):
    """A document of the checklist, a letter, or anything else that the borrower wants to show."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "code", handed_in())


class WithdrawForm(ReasonedForm):
    """Why the borrower withdraws."""

    kind = ReasonKind.WITHDRAW


def terms_form(facilities: Sequence[Mapping[str, Any]], currency: str) -> type[VersionForm]:
    """Form for a counter-offer: other terms for one facility or more, and why."""
    why = forms.CharField(
        label=_("Why do you ask for other terms?"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    return type("TermsForm", (negotiate_form(facilities, currency),), {"paper": None, "words": why})
