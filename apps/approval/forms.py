"""Forms of approval: signing, deciding against, returning, conditions, and the borrower's answer on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.uploads import UploadRefused, inspect
from apps.approval.models import ConditionTemplate
from apps.approval.services import AskedTerms, Paper
from apps.core.forms import AmountField
from apps.workflow.forms import CaseForm
from apps.workflow.models import Reason, ReasonKind
from apps.workflow.states import EARLIER_THAN, State


class VersionForm(CaseForm):
    """A form about a case as it was shown; what its services take is cleaned without the picture."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        """Leave out how the case looked: it is for telling what has changed, nothing is decided by it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned.pop("seen", None)
        return cleaned


class SignForm(VersionForm):
    """A signature: the sealed challenge of the decision shown, and a comment for those who sign later.

    The one-time code beside it is taken by the gate before the view runs.
    """

    challenge = forms.CharField(widget=forms.HiddenInput, max_length=2000)
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For those who sign after you and for the file; the borrower does not see it."),
    )  # fmt: skip


def _reasons(kind: ReasonKind) -> list[tuple[str, str]]:
    return [(reason.code, reason.name) for reason in Reason.objects.filter(kind=kind, is_active=True).order_by("code")]


class DeclineForm(VersionForm):
    """A decline for good: reasons from the list, and a dissent for the file."""

    reasons = forms.MultipleChoiceField(
        label=_("Reasons"), widget=forms.CheckboxSelectMultiple, help_text=_("The letter to the borrower quotes them.")
    )
    dissent = forms.CharField(
        label=_("Your reasoning"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Stays with the memo; the borrower does not see it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].choices = _reasons(ReasonKind.DECLINE)  # type: ignore[attr-defined]


class ReferForm(VersionForm):
    """A referral to the next level with one's dissent."""

    dissent = forms.CharField(
        label=_("Your dissent"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The next level reads it before it decides."),
    )  # fmt: skip


class ReturnForm(VersionForm):
    """A return to an earlier stage with what is asked there."""

    to = forms.ChoiceField(label=_("Return to"))
    reasons = forms.MultipleChoiceField(label=_("Reasons"), widget=forms.CheckboxSelectMultiple, required=False)
    questions = forms.CharField(
        label=_("What is asked there"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        secured = self.case.is_secured
        earlier = [each for each in EARLIER_THAN[State.APPROVAL] if secured or each != State.COLLATERAL_CHECK]
        self.fields["to"].choices = [(each.value, each.label) for each in reversed(earlier)]  # type: ignore[attr-defined]
        self.fields["reasons"].choices = _reasons(ReasonKind.RETURN)  # type: ignore[attr-defined]


class WhyForm(VersionForm):
    """Why an approval is taken back."""

    why = forms.CharField(label=_("Why"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class ConditionForm(VersionForm):
    """A condition from the list, with further words where the list is too general."""

    code = forms.ChoiceField(label=_("Condition"))
    detail = forms.CharField(
        label=_("Detail"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, templates: Sequence[ConditionTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(each.code, each.text) for each in templates]  # type: ignore[attr-defined]


class ReviewForm(VersionForm):
    """What becomes of a decision that was looked at again, and why; the letter quotes the reasons."""

    outcome = forms.ChoiceField(label=_("What you found"), widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("Reasons"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The letter to the borrower quotes them as you write them."),
    )  # fmt: skip

    def __init__(self, *args: Any, outcomes: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = list(outcomes)  # type: ignore[attr-defined]


class RemoveForm(VersionForm):
    """Removing a condition."""


class PaperField(forms.FileField):
    """A scanned paper; it is looked through before it is taken, and cleans to a ``Paper``."""

    def clean(self, data: Any, initial: Any = None) -> Paper:
        """Look through the file; raises ``ValidationError`` with what is wrong with it."""
        upload = super().clean(data, initial)
        try:
            seen = inspect(upload, name=upload.name)
        except UploadRefused as refusal:
            raise forms.ValidationError(str(refusal), code="upload") from refusal
        return Paper(upload, seen.name, seen.content_type)


def paper_field() -> PaperField:
    """The field for a paper that the borrower signed."""
    return PaperField(
        label=_("Signed paper"), max_length=200, allow_empty_file=True,
        help_text=_("The scan of what the borrower signed: PDF, JPEG or PNG."),
    )  # fmt: skip


class AcceptForm(VersionForm):
    """An acceptance that arrived on paper."""

    paper = paper_field()


def negotiate_form(facilities: Sequence[Mapping[str, Any]], currency: str) -> type[VersionForm]:
    """Form for a counter-offer that arrived on paper: other terms for one facility or more."""
    fields: dict[str, forms.Field] = {}
    for terms in facilities:
        fields |= _terms_fields(int(terms["position"]), terms, currency)
    fields["words"] = forms.CharField(
        label=_("In the borrower's words"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    fields["paper"] = paper_field()
    halves = tuple(name for name in fields if name.startswith(("term_", "rate_")))
    return type("NegotiateForm", (VersionForm,), {**fields, "halves": halves})


def _terms_fields(position: int, terms: Mapping[str, Any], currency: str) -> dict[str, forms.Field]:
    about = {"position": position, "currency": currency}
    return {
        f"amount_{position}": AmountField(
            label=_("Facility %(position)s: amount, %(currency)s") % about, currency=currency, required=False,
            initial=Decimal(str(terms["amount"])),
        ),
        f"term_{position}": forms.IntegerField(
            label=_("Facility %(position)s: term, months") % about, required=False, min_value=1, max_value=600,
            initial=terms["term"],
        ),
        f"rate_{position}": forms.DecimalField(
            label=_("Facility %(position)s: rate, %% a year") % about, required=False, min_value=0, max_value=100,
            max_digits=7, decimal_places=4, initial=Decimal(str(terms["rate"])),
            widget=forms.NumberInput(attrs={"step": "any"}),
        ),
    }  # fmt: skip


def terms_asked(facilities: Sequence[Mapping[str, Any]], data: Mapping[str, Any]) -> list[AskedTerms]:
    """Terms asked for in a counter-offer's cleaned data, by facility."""
    places = [int(terms["position"]) for terms in facilities]
    return [AskedTerms(each, *(data.get(f"{name}_{each}") for name in ("amount", "term", "rate"))) for each in places]
