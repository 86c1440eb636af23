"""A year's figures: their names, their sums, and what does not add up."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

ZERO = Decimal(0)
PLACES = Decimal("0.0001")
ROUNDING_ALLOWED = Decimal(1)
"""Statements are rounded to whole units: sums may differ from their parts by one."""


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


def divide(part: Decimal, whole: Decimal) -> Decimal | None:
    """Quotient to four places, or ``None`` where the divisor is zero or below."""
    return (part / whole).quantize(PLACES) if whole > 0 else None


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
