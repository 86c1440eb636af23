"""What the figures say: balance, ratios, trends, debt service cover and age of papers. Pure: values in, values out.

Amounts are in units of one currency; ratios are plain numbers (0.25, not 25 %); ``None`` stands for "cannot be known",
such as a ratio whose denominator is zero.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import schedules

ZERO = Decimal(0)
DAYS_A_YEAR = Decimal(365)
ROUNDING_ALLOWED = Decimal(1)
"""Statements are rounded to whole units: sums may differ from their parts by one."""
PLACES = Decimal("0.0001")
LEVEL_BAND = Decimal("0.05")
"""A ratio that moves by less than a twentieth of itself counts as level."""
BUREAU_DAYS = 30
STATEMENT_DAYS = 548
YEARS_ASKED = 3
A_YEAR_STARTS = dt.date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """One year's statement. Expenses are positive numbers; operating expenses leave depreciation out.

    ``debt_service`` is principal and interest due within twelve months on debts that stay.
    """

    revenue: Decimal = ZERO
    cost_of_sales: Decimal = ZERO
    operating_expenses: Decimal = ZERO
    depreciation: Decimal = ZERO
    interest_expense: Decimal = ZERO
    other_income: Decimal = ZERO
    tax: Decimal = ZERO
    net_profit: Decimal = ZERO
    cash: Decimal = ZERO
    receivables: Decimal = ZERO
    inventory: Decimal = ZERO
    current_assets: Decimal = ZERO
    fixed_assets: Decimal = ZERO
    total_assets: Decimal = ZERO
    current_liabilities: Decimal = ZERO
    long_term_debt: Decimal = ZERO
    total_liabilities: Decimal = ZERO
    equity: Decimal = ZERO
    debt_service: Decimal = ZERO

    @property
    def gross_profit(self) -> Decimal:
        """Revenue less cost of sales."""
        return self.revenue - self.cost_of_sales

    @property
    def profit_before_interest_and_tax(self) -> Decimal:
        """What the business earned before its lenders and the state took their part."""
        return self.net_profit + self.tax + self.interest_expense

    @property
    def earned_for_debt(self) -> Decimal:
        """Net profit, depreciation and interest: what a year leaves for paying debts."""
        return self.net_profit + self.depreciation + self.interest_expense

    @property
    def net_profit_by_lines(self) -> Decimal:
        """Net profit as the lines of the income statement add up to it."""
        spent = self.cost_of_sales + self.operating_expenses + self.depreciation + self.interest_expense + self.tax
        return self.revenue - spent + self.other_income


FIGURE_NAMES = tuple(field.name for field in dataclasses.fields(Figures))
SIGNED = frozenset({"net_profit", "equity", "other_income", "tax"})
"""Figures that may be below zero: losses, overdrawn equity, other costs, tax given back."""


def imbalances(figures: Figures) -> dict[str, list[str]]:
    """What does not add up, by the field to look at first: sentences with both sums; empty when all is well."""
    found: dict[str, list[str]] = {}
    for field, wrong, sentence in _checks(figures):
        if wrong:
            found.setdefault(field, []).append(sentence)
    return found


def _checks(of: Figures) -> list[tuple[str, bool, str]]:
    funded, parts = of.total_liabilities + of.equity, of.cash + of.receivables + of.inventory
    held, owed = of.current_assets + of.fixed_assets, of.current_liabilities + of.long_term_debt
    too_much = _("The parts add up to %(parts)s, more than the total of %(total)s.")
    return [
        (
            "net_profit",
            _apart(of.net_profit, of.net_profit_by_lines),
            _(
                "By the lines above net profit is %(sum)s, not %(said)s. Put what is missing under other income and costs."
            )
            % {"sum": _plain(of.net_profit_by_lines), "said": _plain(of.net_profit)},
        ),
        (
            "total_assets",
            _apart(of.total_assets, funded),
            _("The balance sheet does not balance: assets are %(assets)s, liabilities and equity together %(funded)s.")
            % {"assets": _plain(of.total_assets), "funded": _plain(funded)},
        ),
        (
            "current_assets",
            parts > of.current_assets + ROUNDING_ALLOWED,
            too_much % {"parts": _plain(parts), "total": _plain(of.current_assets)},
        ),
        (
            "total_assets",
            held > of.total_assets + ROUNDING_ALLOWED,
            too_much % {"parts": _plain(held), "total": _plain(of.total_assets)},
        ),
        (
            "total_liabilities",
            owed > of.total_liabilities + ROUNDING_ALLOWED,
            too_much % {"parts": _plain(owed), "total": _plain(of.total_liabilities)},
        ),
    ]


def _apart(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > ROUNDING_ALLOWED


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():,f}" if amount else "0"


def divide(part: Decimal, whole: Decimal) -> Decimal | None:
    """Quotient to four places, or ``None`` where the divisor is zero or below."""
    return (part / whole).quantize(PLACES) if whole > 0 else None


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


class Unit(StrEnum):
    """How a ratio is shown."""

    TIMES = "times"
    PERCENT = "percent"
    DAYS = "days"


class Better(StrEnum):
    """Which way of a ratio is the good one."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio: its name, what it tells, how it is shown, which way is good, and its formula."""

    code: str
    label: Any
    help: Any
    unit: Unit
    better: Better
    of: Callable[[Figures], Decimal | None]


RATIOS: tuple[Ratio, ...] = (
    Ratio("current_ratio", gettext_lazy("Current ratio"), gettext_lazy("Current assets over current liabilities."), Unit.TIMES, Better.HIGHER,
          lambda of: divide(of.current_assets, of.current_liabilities)),
    Ratio("quick_ratio", gettext_lazy("Quick ratio"), gettext_lazy("Current assets without inventory over current liabilities."), Unit.TIMES, Better.HIGHER,
          lambda of: divide(of.current_assets - of.inventory, of.current_liabilities)),
    Ratio("debt_to_assets", gettext_lazy("Liabilities / assets"), gettext_lazy("The part of the assets that belongs to lenders."), Unit.PERCENT, Better.LOWER,
          lambda of: divide(of.total_liabilities, of.total_assets)),
    Ratio("gross_margin", gettext_lazy("Gross margin"), gettext_lazy("Revenue less cost of sales, over revenue."), Unit.PERCENT, Better.HIGHER,
          lambda of: divide(of.gross_profit, of.revenue)),
    Ratio("net_margin", gettext_lazy("Net margin"), gettext_lazy("Net profit over revenue."), Unit.PERCENT, Better.HIGHER,
          lambda of: divide(of.net_profit, of.revenue)),
    Ratio("interest_cover", gettext_lazy("Interest cover"), gettext_lazy("Profit before interest and tax over interest."), Unit.TIMES, Better.HIGHER,
          lambda of: divide(of.profit_before_interest_and_tax, of.interest_expense)),
    Ratio("receivable_days", gettext_lazy("Receivables, days"), gettext_lazy("How long customers take to pay."), Unit.DAYS, Better.LOWER,
          lambda of: divide(of.receivables * DAYS_A_YEAR, of.revenue)),
    Ratio("inventory_days", gettext_lazy("Inventory, days"), gettext_lazy("How long stock lies before it is sold."), Unit.DAYS, Better.LOWER,
          lambda of: divide(of.inventory * DAYS_A_YEAR, of.cost_of_sales)),
    Ratio("dscr", gettext_lazy("Debt service cover (DSCR)"), gettext_lazy("Net profit, depreciation and interest over the year's debt service. Below 1 the debts are not earned."), Unit.TIMES, Better.HIGHER,
          debt_service_cover),
)  # fmt: skip


class Direction(StrEnum):
    """Where a ratio has gone over the years."""

    BETTER = "better"
    WORSE = "worse"
    LEVEL = "level"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RatioLine:
    """A ratio over the years, oldest first, with its direction."""

    ratio: Ratio
    values: tuple[Decimal | None, ...]
    direction: Direction

    @property
    def latest(self) -> Decimal | None:
        """Value of the newest year."""
        return self.values[-1] if self.values else None


def ratio_lines(years: Sequence[Figures]) -> tuple[RatioLine, ...]:
    """Every ratio of every year, oldest year first, with its trend."""
    lines = ((ratio, tuple(ratio.of(figures) for figures in years)) for ratio in RATIOS)
    return tuple(RatioLine(ratio, values, trend(values, ratio.better)) for ratio, values in lines)


def latest_ratios(years: Sequence[Figures]) -> Mapping[str, Decimal | None]:
    """Ratios of the newest year by code; empty without a year."""
    return {line.ratio.code: line.latest for line in ratio_lines(years)} if years else {}


def trend(values: Sequence[Decimal | None], better: Better) -> Direction:
    """Where the known values went from the first to the last; within a twentieth they are level."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Direction.UNKNOWN
    moved = known[-1] - known[0]
    if abs(moved) <= abs(known[0]) * LEVEL_BAND:
        return Direction.LEVEL
    return Direction.BETTER if (moved > 0) == (better is Better.HIGHER) else Direction.WORSE


def growth(earlier: Decimal, later: Decimal) -> Decimal | None:
    """Change from one year to the next as a share of the earlier; ``None`` from zero."""
    return divide(later - earlier, earlier)


def is_stale(made_on: dt.date, on: dt.date, days: int) -> bool:
    """Tell whether a paper made on one day is older than ``days`` on another."""
    return (on - made_on).days > days


def years_between(start: dt.date, end: dt.date) -> int:
    """Whole years from one day to another, never below zero."""
    return max(0, end.year - start.year - ((end.month, end.day) < (start.month, start.day)))


def years_needed(founded_on: dt.date | None, on: dt.date) -> int:
    """How many yearly statements a business must show: three, fewer where it is younger, never less than one."""
    return YEARS_ASKED if founded_on is None else max(1, min(YEARS_ASKED, years_between(founded_on, on)))


def are_consecutive(years: Sequence[int]) -> bool:
    """Tell whether fiscal years follow each other without a gap, in whatever order they are given."""
    ordered = sorted(years)
    return ordered == list(range(ordered[0], ordered[0] + len(ordered))) if ordered else True
