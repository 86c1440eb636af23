"""What is asked for, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.forms.opening import PURPOSE_HELP, SOURCE_HELP
from apps.applications.services import Words
from apps.borrowers.forms import CHOOSE
from apps.core.forms import AmountField
from apps.workflow.forms import CaseForm
from apps.workflow.models import Facility
from apps.workflow.services import FacilityAsk


class WordsForm(CaseForm):
    """Purpose, source of repayment and narrative."""

    purpose = forms.CharField(
        label=_("Purpose of the loan"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=PURPOSE_HELP,
    )
    repayment_source = forms.CharField(
        label=_("Source of repayment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text=SOURCE_HELP
    )
    narrative = forms.CharField(
        label=_("About the business"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("How long it has worked, what it makes, whom it sells to. Optional."),
    )  # fmt: skip

    @staticmethod
    def words(cleaned: dict[str, Any]) -> Words:
        """The words as typed."""
        return Words(**{name: cleaned[name] for name in Words.__dataclass_fields__})


class FacilityForm(CaseForm):
    """One facility of the case."""

    halves = ("kind", "repayment", "amount", "term_months")
    field_order = ("kind", "repayment", "amount", "term_months", "replaces")
    kind = forms.ChoiceField(label=_("Kind"), choices=Facility._meta.get_field("kind").flatchoices)
    amount = AmountField(label=_("Amount asked"))
    term_months = forms.IntegerField(label=_("Term, months"), min_value=1, max_value=600)
    repayment = forms.ChoiceField(label=_("Repayment"), choices=Facility._meta.get_field("repayment").flatchoices)
    replaces = forms.TypedChoiceField(
        label=_("Replaces"), coerce=int, required=False, empty_value=None,
        help_text=_("For a renewal, top-up or restructure: the facility that it takes the place of."),
    )  # fmt: skip

    def offer(self) -> None:
        """List earlier facilities of the borrower and take the case's currency."""
        rows = Facility.objects.filter(borrower_id=self.case.borrower_id).exclude(case=self.case).select_related("case")
        lines = [
            (row.pk, f"{row.case.number} · {row.get_kind_display()} · {row.currency} {row.amount:,.0f}") for row in rows
        ]
        self.fields["replaces"].choices = [CHOOSE, *lines]  # type: ignore[attr-defined]
        self.fields["amount"].currency = self.case.currency  # type: ignore[attr-defined]

    @staticmethod
    def ask(cleaned: dict[str, Any]) -> FacilityAsk:
        """The facility as typed."""
        replaced = Facility.objects.filter(pk=cleaned["replaces"]).first() if cleaned["replaces"] else None
        return FacilityAsk(
            cleaned["amount"], cleaned["term_months"], kind=cleaned["kind"], repayment=cleaned["repayment"],
            replaces=replaced,
        )  # fmt: skip
