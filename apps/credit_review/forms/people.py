"""Forms about those whose credit is looked at, and about alerts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import InterestKind, Party
from apps.core.forms import AmountField
from apps.credit_review.facts import BureauFigures
from apps.credit_review.forms.offering import day_field, in_currency, offer
from apps.credit_review.models.people import GuaranteeKind
from apps.workflow.forms import CaseForm
from apps.workflow.models import LoanCase

LARGEST_COUNT = 9999


def people_of(case: LoanCase) -> list[tuple[int, str]]:
    """People behind the business, masked, with their parts: ``legal representative, owner · W••••``."""
    rows = (
        Party.objects.filter(borrower_id=case.borrower_id)
        .select_related("key_owner")
        .prefetch_related("interests")
        .order_by("id")
    )
    return [(party.pk, f"{_parts(party)} · {party.name.masked}") for party in rows]


def _parts(party: Party) -> str:
    kinds = [str(InterestKind(each.kind).label) for each in party.interests.all() if each.ended_on is None]
    return ", ".join(kinds) or str(_("no part"))


class PartyChoice(forms.TypedChoiceField):
    """One of the people behind the business, by id; ``None`` where the business itself is meant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)


class BureauForm(CaseForm):
    """A bureau report, copied by hand."""

    halves = (
        "party",
        "document_id",
        "bureau",
        "report_date",
        "score",
        "enquiries",
        "open_loans",
        "worst_dpd",
        "total_debt",
        "overdue_now",
    )
    field_order = halves
    party = PartyChoice(label=_("About"), required=False)
    bureau = forms.CharField(label=_("Credit bureau"), max_length=80)
    report_date = day_field(
        _("Date of the report"),
        help_text=_("It must not be older than the consent, nor older than 30 days when you recommend."),
    )
    score = forms.IntegerField(
        label=_("Bureau's score"),
        required=False,
        min_value=0,
        max_value=LARGEST_COUNT,
        help_text=_("Leave it empty where there is none."),
    )
    open_loans = forms.IntegerField(label=_("Open loans"), min_value=0, max_value=LARGEST_COUNT)
    total_debt = AmountField(label=_("Total debt"), allow_zero=True)
    overdue_now = AmountField(label=_("Overdue now"), allow_zero=True)
    worst_dpd = forms.IntegerField(
        label=_("Worst delay in 24 months, days"),
        min_value=0,
        max_value=LARGEST_COUNT,
        help_text=_("Days past due (DPD) of the longest delay; zero for none."),
    )
    enquiries = forms.IntegerField(label=_("Enquiries in 90 days"), min_value=0, max_value=LARGEST_COUNT)
    document_id = forms.TypedChoiceField(label=_("Scanned report"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, documents: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        self.documents = documents or []
        super().__init__(*args, **kwargs)

    def offer(self) -> None:
        """List the people and the documents."""
        offer(self, "party", [("", self.case.borrower.legal_name), *people_of(self.case)])
        offer(self, "document_id", [("", _("none")), *self.documents])
        in_currency(self, self.case.currency, "total_debt", "overdue_now")


def bureau_figures(cleaned: dict[str, Any]) -> BureauFigures:
    """Figures of a cleaned ``BureauForm``."""
    names = ("score", "open_loans", "total_debt", "overdue_now", "worst_dpd", "enquiries")
    return BureauFigures(**{name: cleaned[name] for name in names})


class GuarantorForm(CaseForm):
    """Who stands in, and for how much."""

    halves = ("amount", "net_worth")
    party = PartyChoice(
        label=_("Guarantor"), help_text=_("Somebody else? The officer enters the person with the borrower first.")
    )
    kind = forms.ChoiceField(
        label=_("Kind of guarantee"), choices=GuaranteeKind, widget=forms.RadioSelect, initial=GuaranteeKind.JOINT
    )
    amount = AmountField(label=_("Amount guaranteed"))
    net_worth = AmountField(
        label=_("Net worth"),
        required=False,
        allow_zero=True,
        help_text=_("Assets less debts, as declared; kept encrypted."),
    )

    def offer(self) -> None:
        """List the people."""
        offer(self, "party", [("", _("Choose…")), *people_of(self.case)])
        in_currency(self, self.case.currency, "amount", "net_worth")


class ExplanationForm(CaseForm):
    """Why an alert does not stand in the way."""

    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Approvers read it in the memo."),
    )


class NoteForm(CaseForm):
    """Something that a person noticed."""

    note = forms.CharField(label=_("What did you notice?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
