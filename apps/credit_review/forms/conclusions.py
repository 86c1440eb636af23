"""Forms of the recommendation and of declining."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from apps.core import figures
from apps.core.forms import AmountField
from apps.credit_review.forms.offering import in_currency
from apps.credit_review.models.conclusions import REPAYMENTS
from apps.credit_review.services.deciding import Proposal
from apps.credit_review.services.proposals import FacilityProposal
from apps.workflow.forms import CaseForm, NothingMoreForm, ReasonedForm
from apps.workflow.models import Facility, ReasonKind

TERM_NAMES = ("amount", "term_months", "rate", "repayment")
AREA = {"rows": 4}


class RecommendationForm(CaseForm):
    """Terms for every facility (fields ``amount_7`` … for facility 7), the collateral counted on, and the reasoning."""

    narrative = forms.CharField(
        label=_("Narrative"), max_length=8000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What the business does, what the money is for, what it is repaid from, and why you propose these terms."),
    )  # fmt: skip
    strengths = forms.CharField(
        label=_("Strengths"), required=False, max_length=4000, widget=forms.Textarea(attrs=AREA)
    )
    risks = forms.CharField(label=_("Risks"), required=False, max_length=4000, widget=forms.Textarea(attrs=AREA))
    mitigants = forms.CharField(
        label=_("Mitigants"), required=False, max_length=4000, widget=forms.Textarea(attrs=AREA)
    )
    conditions = forms.CharField(
        label=_("Conditions precedent"), required=False, max_length=6500, widget=forms.Textarea(attrs=AREA),
        help_text=_("One a line, such as “Mortgage registered”. Name no private people here."),
    )  # fmt: skip
    assumed_collateral_value = AmountField(
        label=_("Assumed lending value of the collateral"), allow_zero=True, required=False,
        help_text=_("What the collateral must at least be worth for lending, after prior liens and haircut. Leave it empty for an unsecured loan."),
    )  # fmt: skip

    def offer(self) -> None:
        """Add the fields of each facility, above the texts."""
        self.facilities = list(self.case.facilities.order_by("position"))
        texts = dict(self.fields)
        for name in texts:
            if name not in ("version", "seen"):
                del self.fields[name]
        for facility in self.facilities:
            self._add_facility(facility)
        self.fields["assumed_collateral_value"] = texts.pop("assumed_collateral_value")
        in_currency(self, self.case.currency, "assumed_collateral_value")
        self.fields.update(texts)

    def _add_facility(self, facility: Facility) -> None:
        product = self.case.product
        rates = _("%(least)s to %(most)s %% a year") % {
            "least": figures.number(product.min_rate),
            "most": figures.number(product.max_rate),
        }
        asked = _("asked: %(amount)s") % {"amount": figures.amount(facility.amount, facility.currency, brief=True)}
        months = _("asked: %(months)s") % {"months": facility.term_months}
        made = {
            "amount": AmountField(
                label=_("Amount"), currency=facility.currency, help_text=asked, initial=_brief(facility.amount)
            ),
            "term_months": forms.IntegerField(
                label=_("Term, months"), min_value=1, max_value=600, help_text=months, initial=facility.term_months
            ),
            "rate": forms.DecimalField(
                label=_("Rate, % a year"), min_value=0, max_digits=7, decimal_places=4, help_text=rates
            ),
            "repayment": forms.ChoiceField(label=_("Repayment"), choices=REPAYMENTS, initial=facility.repayment),
        }
        for name, field in made.items():
            field.widget.attrs.setdefault("class", "form-select" if name == "repayment" else "form-control")
            self.fields[f"{name}_{facility.pk}"] = field

    def facility_fields(self) -> Iterator[tuple[Facility, list[BoundField]]]:
        """Each facility with its fields."""
        for facility in self.facilities:
            yield facility, [self[f"{name}_{facility.pk}"] for name in TERM_NAMES]

    def text_fields(self) -> list[BoundField]:
        """The fields of the case as a whole."""
        own = {f"{name}_{facility.pk}" for facility in self.facilities for name in TERM_NAMES}
        return [field for field in self.visible_fields() if field.name not in own]

    def clean(self) -> dict[str, Any]:
        """Make the proposal."""
        cleaned = super().clean() or {}
        if not self.errors:
            cleaned["proposal"] = self._proposal(cleaned)
        return cleaned

    def _proposal(self, cleaned: dict[str, Any]) -> Proposal:
        terms = [
            FacilityProposal(facility.pk, *(cleaned[f"{name}_{facility.pk}"] for name in TERM_NAMES))
            for facility in self.facilities
        ]
        texts = {name: cleaned[name] for name in ("narrative", "strengths", "risks", "mitigants")}
        collateral = cleaned["assumed_collateral_value"] or Decimal(0)
        return Proposal(
            terms, assumed_collateral_value=collateral, conditions=cleaned["conditions"].splitlines(), **texts
        )


def _brief(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


class RecommendForm(NothingMoreForm):
    """Sends the recommendation on as it stands."""


class DeclineForm(ReasonedForm):
    """Why the loan is declined; the letter quotes the reasons."""

    kind = ReasonKind.DECLINE

    def offer(self) -> None:
        """A decline needs reasons from the list: the borrower has a right to them."""
        super().offer()
        if "reasons" in self.fields:
            self.fields["reasons"].required = True
