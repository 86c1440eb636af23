"""Other terms than those offered: which differ, and which cannot be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.models import Offer
from apps.core.errors import BadInput
from apps.workflow.models import Facility, LoanCase


@dataclass(frozen=True, slots=True)
class AskedTerms:
    """Other terms that the borrower asks for one facility; ``None`` leaves a term as offered."""

    position: int
    amount: Decimal | None = None
    term: int | None = None
    rate: Decimal | None = None


def terms_differing(case: LoanCase, offer: Offer, asked: Sequence[AskedTerms]) -> list[dict[str, Any]]:
    """Terms asked for that differ from those offered; raises ``BadInput`` by ``field_position`` for impossible ones."""
    offered = {each["position"]: each for each in offer.terms["facilities"]}
    facilities = {facility.position: facility for facility in Facility.objects.filter(case=case)}
    found, errors = [], dict[str, list[Any]]()
    for each in asked:
        errors |= _impossible(case, facilities[each.position], each)
        terms = _differing(offered[each.position], each)
        if terms:
            found.append({"position": each.position, **terms})
    if errors:
        raise BadInput(errors)
    return found


def _differing(offered: Mapping[str, Any], each: AskedTerms) -> dict[str, Any]:
    terms: dict[str, Any] = {}
    if each.amount is not None and each.amount != Decimal(offered["amount"]):
        terms["amount"] = format(each.amount, "f")
    if each.term is not None and each.term != offered["term"]:
        terms["term"] = each.term
    if each.rate is not None and each.rate != Decimal(offered["rate"]):
        terms["rate"] = format(each.rate.normalize(), "f")
    return terms


def _impossible(case: LoanCase, facility: Facility, each: AskedTerms) -> dict[str, list[Any]]:
    product, found = case.product, dict[str, list[Any]]()
    if each.amount is not None and not 0 < each.amount <= facility.amount:
        found[f"amount_{each.position}"] = [
            _("Ask for no more than in the application; for more, the application is corrected.")
        ]
    if each.term is not None and not product.min_term <= each.term <= product.max_term:
        words = {"least": product.min_term, "most": product.max_term}
        found[f"term_{each.position}"] = [_("The product runs from %(least)s to %(most)s months.") % words]
    if each.rate is not None and not 0 <= each.rate <= 100:
        found[f"rate_{each.position}"] = [_("Enter a rate in percent a year.")]
    return found
