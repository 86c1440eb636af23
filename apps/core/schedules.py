"""Repayment schedules: pure functions of principal, yearly rate, dates and a named day count.

Sources: ISDA 2006 definitions 4.16 for the day counts (30/360 is bond basis, 30E/360 Eurobond basis); the annuity equation
with the period's own day-count fraction. One rounding rule: half-even to the minor unit, the last instalment absorbs the rest.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from apps.core.money import quantise

EQUAL_INSTALMENT, EQUAL_PRINCIPAL = "equal_instalment", "equal_principal"
METHODS = (EQUAL_INSTALMENT, EQUAL_PRINCIPAL)
PRECISION = 40


@dataclass(frozen=True, slots=True)
class Instalment:
    """One due date: principal and interest in the loan's currency, and the balance of principal left after it."""

    number: int
    due_on: dt.date
    principal: Decimal
    interest: Decimal
    balance: Decimal

    @property
    def total(self) -> Decimal:
        """What is to be paid on the day."""
        return self.principal + self.interest


def _thirty(start: dt.date, end: dt.date) -> Decimal:
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return _thirty_days(start, end, first, last)


def _thirty_european(start: dt.date, end: dt.date) -> Decimal:
    return _thirty_days(start, end, min(start.day, 30), min(end.day, 30))


def _thirty_days(start: dt.date, end: dt.date, first: int, last: int) -> Decimal:
    return Decimal(360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first) / 360


def _actual(days_in_year: int) -> Callable[[dt.date, dt.date], Decimal]:
    return lambda start, end: Decimal((end - start).days) / days_in_year


def _actual_actual(start: dt.date, end: dt.date) -> Decimal:
    fraction, begin = Decimal(0), start
    while begin < end:
        finish = min(end, dt.date(begin.year + 1, 1, 1))
        fraction += Decimal((finish - begin).days) / (366 if calendar.isleap(begin.year) else 365)
        begin = finish
    return fraction


DAY_COUNTS: dict[str, Callable[[dt.date, dt.date], Decimal]] = {
    "30/360": _thirty,
    "30E/360": _thirty_european,
    "ACT/365": _actual(365),
    "ACT/360": _actual(360),
    "ACT/ACT": _actual_actual,
}


def year_fraction(start: dt.date, end: dt.date, day_count: str) -> Decimal:
    """Share of a year between two dates; raises ``KeyError`` for an unknown day count, ``ValueError`` for a reversed pair."""
    if end < start:
        raise ValueError("the period ends before it starts")
    with localcontext(prec=PRECISION):
        return DAY_COUNTS[day_count](start, end)


def add_months(start: dt.date, months: int) -> dt.date:
    """Same day ``months`` later, or the month's last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def due_dates(start: dt.date, months: int) -> list[dt.date]:
    """Monthly due dates after ``start``, all counted from it so that a 31st is not lost in February."""
    return [add_months(start, month) for month in range(1, months + 1)]


def interest_for(
    balance: Decimal, rate_percent: Decimal, start: dt.date, end: dt.date, day_count: str, currency: str
) -> Decimal:
    """Interest of a period on a balance at a yearly rate in percent, rounded to the minor unit."""
    with localcontext(prec=PRECISION):
        return quantise(balance * rate_percent / 100 * year_fraction(start, end, day_count), currency)


def level_payment(principal: Decimal, rate_percent: Decimal, fractions: Sequence[Decimal], currency: str) -> Decimal:
    """Equal instalment that repays ``principal`` over periods of the given year fractions; rounded."""
    with localcontext(prec=PRECISION):
        discount, annuity = Decimal(1), Decimal(0)
        for fraction in fractions:
            discount /= 1 + rate_percent / 100 * fraction
            annuity += discount
        return quantise(principal / annuity, currency)


def schedule(
    principal: Decimal,
    rate_percent: Decimal,
    start: dt.date,
    months: int,
    *,
    method: str,
    day_count: str,
    currency: str,
    first_due: dt.date | None = None,
) -> list[Instalment]:
    """Monthly instalments of a loan paid out on ``start``.

    ``rate_percent`` is the yearly rate (``Decimal('5.35')`` is 5.35 %). Raises ``ValueError`` for a principal or term that is
    not positive, a negative rate or an unknown method; ``KeyError`` for an unknown day count or currency.
    """
    if principal <= 0 or months <= 0 or rate_percent < 0 or method not in METHODS:
        raise ValueError("a schedule needs a positive principal and term, a rate not below zero, and a known method")
    dates = due_dates(start, months) if first_due is None else [first_due, *due_dates(first_due, months - 1)]
    fractions = [year_fraction(begin, end, day_count) for begin, end in zip([start, *dates], dates, strict=False)]
    level = level_payment(principal, rate_percent, fractions, currency) if method == EQUAL_INSTALMENT else Decimal(0)
    share = quantise(principal / months, currency)
    return _instalments(principal, rate_percent, dates, fractions, currency, level=level, share=share)


def _instalments(
    principal: Decimal,
    rate_percent: Decimal,
    dates: Sequence[dt.date],
    fractions: Sequence[Decimal],
    currency: str,
    *,
    level: Decimal,
    share: Decimal,
) -> list[Instalment]:
    rows, balance = [], principal
    for number, (due_on, fraction) in enumerate(zip(dates, fractions, strict=True), start=1):
        with localcontext(prec=PRECISION):
            interest = quantise(balance * rate_percent / 100 * fraction, currency)
        wanted = balance if number == len(dates) else (max(level - interest, Decimal(0)) if level else share)
        part = min(wanted, balance)
        balance -= part
        rows.append(Instalment(number, due_on, part, interest, balance))
    return rows


def yearly_service(instalments: Sequence[Instalment]) -> Decimal:
    """Principal and interest due in the twelve months of the first instalment, the debt service of a year."""
    return sum((row.total for row in instalments[:12]), Decimal(0))
