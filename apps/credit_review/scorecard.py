"""The points table: which answer to which question earns how many points, and which total makes which grade.

All of it is data that a credit officer can read from top to bottom. It gives an order of risk; the level of the
probabilities of default is a starting value that each lender recalibrates to its own book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.credit_review.rules import Unit


@dataclass(frozen=True, slots=True)
class Bin:
    """Values below ``below`` (``None``: all the rest) earn ``points``; ``reason`` says so in words."""

    below: Decimal | None
    points: int
    reason: Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """One question: its bins in rising order, and what an unknown answer earns."""

    code: str
    label: Any
    unit: Unit | None
    bins: tuple[Bin, ...]
    unknown: Bin

    def bin_of(self, value: Decimal | None) -> Bin:
        """Bin that a value falls into."""
        if value is None:
            return self.unknown
        return next(each for each in self.bins if each.below is None or value < each.below)


@dataclass(frozen=True, slots=True)
class Grade:
    """A risk grade from a total upwards, with its probability of default within a year."""

    code: str
    least: int
    pd: Decimal


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A version of the table: where everybody starts, the questions, the grades from the best down."""

    version: str
    start: int
    attributes: tuple[Attribute, ...]
    grades: tuple[Grade, ...]

    def grade_of(self, total: int) -> Grade:
        """Grade of a total."""
        return next(grade for grade in self.grades if total >= grade.least)

    def attribute(self, code: str) -> Attribute:
        """Question by its code; raises ``KeyError``."""
        return {each.code: each for each in self.attributes}[code]


@dataclass(frozen=True, slots=True)
class Earned:
    """Points that one answer earned."""

    attribute: str
    value: Decimal | None
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome: total, grade, probability of default, and the points of each answer."""

    version: str
    total: int
    grade: str
    pd: Decimal
    earned: tuple[Earned, ...]


def score(card: Scorecard, answers: Mapping[str, Decimal | None]) -> Score:
    """Add up a case's answers; a missing answer counts as unknown, one the card does not ask is an error."""
    if strangers := set(answers) - {attribute.code for attribute in card.attributes}:
        raise ValueError(f"the scorecard does not ask for {sorted(strangers)}")
    earned = tuple(
        Earned(each.code, answers.get(each.code), each.bin_of(answers.get(each.code)).points)
        for each in card.attributes
    )
    total = card.start + sum(each.points for each in earned)
    grade = card.grade_of(total)
    return Score(card.version, total, grade.code, grade.pd, earned)


def telling(earned: Sequence[Earned], most: int = 4) -> tuple[list[Earned], list[Earned]]:
    """The answers that helped and those that hurt most, strongest first, ``most`` of each; none of zero points."""
    strongest = sorted(earned, key=lambda each: -abs(each.points))
    return [each for each in strongest if each.points > 0][:most], [each for each in strongest if each.points < 0][
        :most
    ]


def _upto(below: str, points: int, reason: Any) -> Bin:
    return Bin(Decimal(below), points, reason)


def _rest(points: int, reason: Any) -> Bin:
    return Bin(None, points, reason)


# fmt: off
SCORECARD = Scorecard(
    version="sme-1", start=500,
    attributes=(
        Attribute("years_in_business", _("Years in business"), None, (
            _upto("1", -35, _("Younger than a year")), _upto("3", -15, _("Young business, below 3 years")),
            _upto("6", 8, _("Existing business, 3 years and more")), _upto("11", 22, _("Existing business, 6 years and more")),
            _rest(31, _("Existing business, 11 years and more"))),
            _rest(-10, _("Founding date unknown"))),
        Attribute("debt_to_assets", _("Liabilities / assets"), Unit.PERCENT, (
            _upto("0.30", 26, _("Low leverage")), _upto("0.50", 12, _("Moderate leverage")), _upto("0.65", 0, _("Usual leverage")),
            _upto("0.80", -24, _("High leverage")), _rest(-45, _("Very high leverage"))),
            _rest(-30, _("Leverage unknown"))),
        Attribute("current_ratio", _("Current ratio"), Unit.TIMES, (
            _upto("0.8", -26, _("Current liabilities far above current assets")), _upto("1.0", -14, _("Current liabilities above current assets")),
            _upto("1.5", 4, _("Current assets cover current liabilities")), _upto("2.0", 12, _("Comfortable liquidity")),
            _rest(16, _("Ample liquidity"))),
            _rest(0, _("No current liabilities"))),
        Attribute("net_margin", _("Net margin"), Unit.PERCENT, (
            _upto("0", -30, _("Loss in the last year")), _upto("0.02", -6, _("Thin margin")), _upto("0.06", 6, _("Usual margin")),
            _upto("0.12", 14, _("Good margin")), _rest(20, _("High margin"))),
            _rest(-20, _("No revenue in the last year"))),
        Attribute("interest_cover", _("Interest cover"), Unit.TIMES, (
            _upto("1", -28, _("Interest is not earned")), _upto("2", -8, _("Interest is barely earned")), _upto("5", 8, _("Interest is earned")),
            _rest(16, _("Interest is earned many times over"))),
            _rest(8, _("No interest to pay"))),
        Attribute("dscr", _("Debt service cover (DSCR)"), Unit.TIMES, (
            _upto("1.00", -50, _("Debt service is not earned")), _upto("1.25", -18, _("Debt service is barely earned")),
            _upto("1.50", 10, _("Debt service is earned")), _upto("2.00", 24, _("Debt service is comfortably earned")),
            _rest(34, _("Debt service is earned twice and more"))),
            _rest(0, _("No debt service"))),
        Attribute("revenue_growth", _("Growth of revenue"), Unit.PERCENT, (
            _upto("-0.30", -30, _("Revenue fell by more than 30 %")), _upto("-0.10", -14, _("Revenue is falling")),
            _upto("0.05", 2, _("Revenue is level")), _upto("0.40", 14, _("Revenue is growing")), _rest(6, _("Revenue leapt"))),
            _rest(-4, _("Only one year known"))),
        Attribute("receivable_days", _("Receivables, days"), Unit.DAYS, (
            _upto("45", 10, _("Customers pay quickly")), _upto("90", 2, _("Customers pay as usual")), _upto("150", -8, _("Customers pay late")),
            _rest(-18, _("Customers pay very late"))),
            _rest(-6, _("Receivables cannot be compared with revenue"))),
        Attribute("audited", _("Audited statement"), None, (
            _upto("1", -4, _("Statement not audited")), _rest(8, _("Statement audited"))),
            _rest(-4, _("Statement not audited"))),
        Attribute("worst_dpd", _("Worst delay in 24 months, days"), None, (
            _upto("1", 24, _("No payment delay in two years")), _upto("30", -6, _("Short payment delay")), _upto("60", -28, _("Payment delay of a month and more")),
            _upto("90", -48, _("Payment delay of two months and more")), _rest(-80, _("Payment delay of three months and more"))),
            _rest(-20, _("Payment history unknown"))),
        Attribute("overdue_now", _("Overdue now"), None, (
            _upto("0.01", 6, _("Nothing overdue")), _rest(-60, _("Debts overdue now"))),
            _rest(-20, _("Overdue debts unknown"))),
        Attribute("enquiries", _("Enquiries in 90 days"), None, (
            _upto("1", 6, _("No enquiries in 90 days")), _upto("2", 0, _("One enquiry in 90 days")), _upto("4", -9, _("Two or three enquiries in 90 days")),
            _rest(-24, _("Many enquiries in 90 days"))),
            _rest(-6, _("Enquiries unknown"))),
    ),
    grades=(
        Grade("A", 620, Decimal("0.008")), Grade("B", 570, Decimal("0.024")), Grade("C", 510, Decimal("0.062")),
        Grade("D", 440, Decimal("0.140")), Grade("E", -10_000, Decimal("0.300")),
    ),
)
# fmt: on

GRADES: tuple[str, ...] = tuple(grade.code for grade in SCORECARD.grades)
"""Codes of the grades, best first."""
SCORECARDS: dict[str, Scorecard] = {SCORECARD.version: SCORECARD}
"""Every version ever used stays here: an old score is explained by the table that made it."""
