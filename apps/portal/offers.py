"""An offer beside what was asked for, and what it would cost: figures from the offer's own terms, nothing of how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.approval.models import Offer
from apps.core import clock
from apps.core.schedules import METHODS, schedule
from apps.workflow.models import Facility, LoanCase


@dataclass(frozen=True, slots=True)
class Compared:
    """One facility as asked and as offered; ``first`` instalment and ``interest`` altogether as if it were all paid out today."""

    position: int
    label: Any
    asked: Decimal
    offered: Decimal
    asked_term: int
    term: int
    rate: Decimal
    method: str
    repayment: Any
    first: Decimal | None = None
    last: Decimal | None = None
    interest: Decimal | None = None

    @property
    def amount_differs(self) -> bool:
        """Tell whether another amount is offered than was asked."""
        return self.asked != self.offered

    @property
    def term_differs(self) -> bool:
        """Tell whether another term is offered than was asked."""
        return self.asked_term != self.term


def compared(case: LoanCase, offer: Offer) -> list[Compared]:
    """Each facility of an offer beside what was asked. One query."""
    asked = {each.position: each for each in Facility.objects.filter(case=case)}
    return [_compared(terms, asked.get(int(terms["position"])), offer) for terms in offer.terms["facilities"]]


def _compared(terms: Mapping[str, Any], asked: Facility | None, offer: Offer) -> Compared:
    amount, rate, term = Decimal(str(terms["amount"])), Decimal(str(terms["rate"])), int(terms["term"])
    costs = _costs(amount, rate, term, asked, str(terms["repayment"]), offer.currency)
    labels = dict(Facility._meta.get_field("repayment").flatchoices)
    return Compared(
        int(terms["position"]), asked.get_kind_display() if asked else "", asked.amount if asked else amount, amount,
        asked.term_months if asked else term, term, rate, str(terms["repayment"]), labels.get(terms["repayment"], ""), *costs,
    )  # fmt: skip


def _costs(
    amount: Decimal, rate: Decimal, term: int, asked: Facility | None, method: str, currency: str
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """First and last instalment and all interest; nothing for a revolving limit, which is drawn as needed."""
    if asked is None or asked.kind == "revolving" or method not in METHODS:
        return None, None, None
    rows = schedule(amount, rate, clock.today(), term, method=method, day_count=asked.day_count, currency=currency)
    return rows[0].total, rows[-1].total, sum((row.interest for row in rows), Decimal(0))


def interest_of(rows: Iterable[Compared]) -> Decimal:
    """Interest of all facilities altogether."""
    return sum((row.interest or Decimal(0) for row in rows), Decimal(0))
