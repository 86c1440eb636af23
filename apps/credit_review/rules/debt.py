"""What debts cost in a year, and how far a business earns it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core import schedules
from apps.credit_review.rules.figures import ZERO, Figures, divide

A_YEAR_STARTS = dt.date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a loan: amount, yearly rate in percent, term in months, how it is repaid."""

    amount: Decimal
    rate: Decimal
    months: int
    repayment: str
    day_count: str = "30/360"
    currency: str = "CNY"


def first_year_service(terms: Terms) -> Decimal:
    """Principal and interest of the first twelve instalments of the loan's schedule (of all, where it is shorter).

    No later year is dearer. The schedule starts on a day that stands for any other: the pay-out is not known yet.
    """
    if terms.amount <= 0:
        return ZERO
    instalments = schedules.schedule(
        terms.amount,
        terms.rate,
        A_YEAR_STARTS,
        terms.months,
        method=terms.repayment,
        day_count=terms.day_count,
        currency=terms.currency,
    )
    return schedules.yearly_service(instalments)


def debt_service_cover(figures: Figures, proposed: Sequence[Terms] = ()) -> Decimal | None:
    """DSCR: net profit, depreciation and interest over the year's debt service, the proposed loans' included.

    A business that earns nothing for its debts covers 0 of them; ``None`` where there is no debt to serve.
    """
    service = figures.debt_service + sum((first_year_service(terms) for terms in proposed), ZERO)
    return divide(max(figures.earned_for_debt, ZERO), service)
