"""Knock-out and correction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.forms.fields import PaperFields, people_choices
from apps.applications.forms.people import BusinessSectionForm
from apps.applications.kinds import CONFIRMATION
from apps.applications.rules import KnockOut
from apps.applications.rules.completeness import SIGNER
from apps.applications.services import Correction, Words
from apps.borrowers.rules import BusinessData
from apps.core import clock
from apps.core.forms import AmountField, DayField
from apps.workflow.forms import CaseForm
from apps.workflow.models import Facility, LoanCase
from apps.workflow.services import FacilityAsk


class KnockOutForm(CaseForm):
    """Which of the knock-outs found is given as the reason."""

    reasons = forms.MultipleChoiceField(label=_("Reasons"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("Note for colleagues"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, found: Iterable[KnockOut] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].choices = [(each.code, each.sentence) for each in found]  # type: ignore[attr-defined]


class CorrectForm(BusinessSectionForm, PaperFields):
    """Everything that may be corrected, and who of the business stands behind it."""

    paper_codes = (CONFIRMATION,)
    purpose = forms.CharField(label=_("Purpose of the loan"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    repayment_source = forms.CharField(
        label=_("Source of repayment"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    narrative = forms.CharField(
        label=_("About the business"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    party = forms.TypedChoiceField(
        label=_("Confirmed by"), coerce=int, help_text=_("The signer who stands behind the corrected application.")
    )
    confirmed_on = DayField(label=_("Confirmed on"), initial=clock.today)

    def offer(self) -> None:
        """List signers and papers, and add amount and term of each facility."""
        self.fields["party"].choices = people_choices(self.case, {SIGNER})  # type: ignore[attr-defined]
        self.offer_papers(self.case)
        self.standing = {
            row.position: row
            for row in Facility.objects.filter(case=self.case).select_related("replaces").order_by("position")
        }
        for position, row in self.standing.items():
            self._offer_facility(position, row)
        self.halves = (
            *BusinessSectionForm.halves,
            *self._facility_names(),
            "party",
            "confirmed_on",
            "document",
            "file",
        )
        self.sections = (
            (_("Request"), ("purpose", "repayment_source", "narrative", *self._facility_names())),
            (_("Business"), tuple(BusinessData.__dataclass_fields__)),
            (_("Confirmed by the borrower"), ("party", "confirmed_on", "document", "file")),
        )
        self.order_fields([name for _title, names in self.sections for name in names])

    def _facility_names(self) -> list[str]:
        return [f"{name}_{position}" for position in self.standing for name in ("amount", "term")]

    def _offer_facility(self, position: int, row: Facility) -> None:
        words = {"number": position}
        self.fields[f"amount_{position}"] = AmountField(
            label=_("Amount of facility %(number)s") % words,
            currency=self.case.currency,
            initial=row.amount.normalize(),
        )
        self.fields[f"term_{position}"] = forms.IntegerField(
            label=_("Term of facility %(number)s, months") % words, initial=row.term_months, min_value=1, max_value=600
        )
        for name in (f"amount_{position}", f"term_{position}"):
            self.fields[name].widget.attrs.setdefault("class", "form-control")

    @staticmethod
    def correction(cleaned: dict[str, Any], case: LoanCase) -> Correction:
        """What becomes different, as typed; secrets of the business left empty stay."""
        kept = {name for name in BusinessSectionForm.secrets if not cleaned.get(name)}
        return Correction(
            words=Words(**{name: cleaned[name] for name in Words.__dataclass_fields__}),
            business={name: cleaned[name] for name in BusinessData.__dataclass_fields__ if name not in kept},
            facilities={row.position: _asked(cleaned, row) for row in Facility.objects.filter(case=case).select_related("replaces")},
        )  # fmt: skip


def _asked(cleaned: dict[str, Any], row: Facility) -> FacilityAsk:
    return FacilityAsk(
        cleaned[f"amount_{row.position}"], cleaned[f"term_{row.position}"], kind=row.kind, repayment=row.repayment,
        replaces=row.replaces,
    )  # fmt: skip
