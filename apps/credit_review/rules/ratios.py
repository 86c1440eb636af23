"""Ratios, their formulas as data, and where they have gone over the years."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy

from apps.credit_review.rules.debt import debt_service_cover
from apps.credit_review.rules.figures import Figures, divide

DAYS_A_YEAR = Decimal(365)
LEVEL_BAND = Decimal("0.05")
"""A ratio that moves by less than a twentieth of itself counts as level."""


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
