"""Checks a proposal against what was asked and what the product allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.core import figures, money
from apps.core.errors import BadInput
from apps.credit_review.models.conclusions import REPAYMENTS
from apps.credit_review.services.entry import text_taken
from apps.workflow.models import Facility, LoanCase, Product

MOST_CONDITIONS = 20
CONDITION_LENGTH = 300


@dataclass(frozen=True, slots=True)
class FacilityProposal:
    """Terms proposed for one facility of the case: term in months, yearly rate in percent."""

    facility_id: int
    amount: Decimal
    term_months: int
    rate: Decimal
    repayment: str


def check_terms(
    case: LoanCase, proposed: Sequence[FacilityProposal], collateral: Decimal
) -> list[tuple[Facility, FacilityProposal]]:
    """Pair each proposal with its facility; raises ``BadInput`` by ``field_facility-id`` for what may not be proposed."""
    asked = {facility.pk: facility for facility in case.facilities.order_by("position")}
    if sorted(each.facility_id for each in proposed) != sorted(asked):
        raise BadInput(str(_("Propose terms for every facility of the case, once each.")))
    product, errors = case.product, dict[str, list[object]]()
    for each in proposed:
        found = _wrong(product, asked[each.facility_id], each)
        errors |= {f"{field}_{each.facility_id}": [line] for field, line in found.items()}
    total = sum(each.amount for each in proposed)
    if not errors and total < product.min_amount <= case.amount_asked:
        least = figures.amount(product.min_amount, case.currency)
        errors[f"amount_{proposed[0].facility_id}"] = [_("The product begins at %(least)s.") % {"least": least}]
    if collateral < 0 or (product.is_secured and not collateral):
        errors["assumed_collateral_value"] = [
            _("This product is lent against collateral: say what lending value you count on.")
        ]
    if errors:
        raise BadInput(errors)
    return sorted(((asked[each.facility_id], each) for each in proposed), key=lambda pair: pair[0].position)


def _wrong(product: Product, asked: Facility, each: FacilityProposal) -> dict[str, object]:
    most = asked.amount
    found: dict[str, object] = {}
    if not 0 < each.amount <= most:
        found["amount"] = _("Propose no more than the %(asked)s asked for.") % {
            "asked": figures.amount(most, asked.currency)
        }
    elif not money.is_exact(each.amount, asked.currency):
        found["amount"] = _("This amount has too many decimal places.")
    if not product.min_term <= each.term_months <= product.max_term:
        found["term_months"] = _("The product runs from %(least)s to %(most)s months.") % {
            "least": product.min_term,
            "most": product.max_term,
        }
    if not product.min_rate <= each.rate <= product.max_rate:
        found["rate"] = _("The product's rate lies between %(least)s and %(most)s %% a year.") % {
            "least": figures.number(product.min_rate), "most": figures.number(product.max_rate),
        }  # fmt: skip
    if each.repayment not in dict(REPAYMENTS):
        found["repayment"] = _("Choose from the list.")
    return found


def conditions_taken(conditions: Sequence[str]) -> list[str]:
    """Conditions as they will stand in the memo: without blanks and empty lines, none twice."""
    taken = [text_taken("conditions", line, most=CONDITION_LENGTH) for line in conditions]
    kept = list(dict.fromkeys(line for line in taken if line))
    if len(kept) > MOST_CONDITIONS:
        raise BadInput({"conditions": [_("Propose at most %(most)s conditions.") % {"most": MOST_CONDITIONS}]})
    return kept
