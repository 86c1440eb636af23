"""What collateral is worth to a lender. Pure: values in, values out; amounts in units of one currency.

Lending value is what remains of an asset's value after prior liens and the haircut of its class. Loan-to-value (LTV) is
the loan, with the liens that come before it, over the value. ``None`` stands for "cannot be known".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import quantise

ZERO = Decimal(0)
PLACES = Decimal("0.0001")
LIEN_CHECK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Encumbrance:
    """A lien in the register: its rank, what it secures, and whether it is the lender's own."""

    rank: int
    amount: Decimal
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """An insurance: the sum, its last day, and whether the lender is named in it."""

    amount: Decimal
    valid_until: dt.date
    is_assigned: bool


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What is known of one asset. ``value`` and ``valued_on`` are of its newest valuation, ``liens`` of its newest check."""

    reference: str
    haircut: Decimal
    valuation_days: int
    is_insurable: bool = True
    has_title: bool = False
    value: Decimal | None = None
    valued_on: dt.date | None = None
    liens_checked_on: dt.date | None = None
    liens: tuple[Encumbrance, ...] = ()
    covers: tuple[Cover, ...] = ()

    @property
    def prior(self) -> Decimal:
        """What comes before the lender."""
        return prior_liens(self.liens)

    def lending_value(self, currency: str) -> Decimal | None:
        """What the asset is worth for lending; ``None`` before it is valued."""
        return None if self.value is None else lending_value(self.value, self.prior, self.haircut, currency)


@dataclass(frozen=True, slots=True)
class Weighed:
    """All assets together against the loan. ``oldest`` is the day of the oldest valuation."""

    loan: Decimal
    total_value: Decimal
    prior_liens: Decimal
    lending_value: Decimal
    ltv: Decimal | None
    cover: Decimal | None
    oldest: dt.date | None
    unvalued: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Tell whether every asset is valued, and there is one."""
        return self.ltv is not None and not self.unvalued


def prior_liens(liens: Sequence[Encumbrance]) -> Decimal:
    """Sum of the liens that are not the lender's own and rank before it; without a lien of its own, all rank before."""
    own = [lien.rank for lien in liens if lien.is_ours]
    place = min(own) if own else None
    return sum((lien.amount for lien in liens if not lien.is_ours and (place is None or lien.rank < place)), ZERO)


def lending_value(value: Decimal, prior: Decimal, haircut: Decimal, currency: str) -> Decimal:
    """``(value − prior liens) × (1 − haircut)``, never below zero, rounded to the currency's minor unit."""
    return quantise(max(value - prior, ZERO) * (1 - haircut), currency)


def loan_to_value(loan: Decimal, value: Decimal, prior: Decimal = ZERO) -> Decimal | None:
    """LTV: the loan and what ranks before it, over the value; four places."""
    return ((loan + prior) / value).quantize(PLACES) if value > 0 else None


def cover(lending: Decimal, loan: Decimal) -> Decimal | None:
    """How many times the lending value covers the loan; four places."""
    return (lending / loan).quantize(PLACES) if loan > 0 else None


def weigh(loan: Decimal, assets: Sequence[AssetFacts], currency: str) -> Weighed:
    """Put a case's assets on the scales against its loan; an asset without a valuation weighs nothing and is named."""
    valued = [asset for asset in assets if asset.value is not None]
    total = sum((asset.value or ZERO for asset in valued), ZERO)
    prior = sum((asset.prior for asset in valued), ZERO)
    lending = sum((asset.lending_value(currency) or ZERO for asset in valued), ZERO)
    days = [asset.valued_on for asset in valued if asset.valued_on is not None]
    return Weighed(
        loan, total, prior, lending, loan_to_value(loan, total, prior), cover(lending, loan), min(days, default=None),
        tuple(asset.reference for asset in assets if asset.value is None),
    )  # fmt: skip


def is_below(lending: Decimal, assumed: Decimal) -> bool:
    """Tell whether the collateral is worth less than the analyst counted on."""
    return lending < assumed


def is_stale(made_on: dt.date, on: dt.date, days: int) -> bool:
    """Tell whether something made on one day is older than ``days`` on another."""
    return (on - made_on).days > days


def lacks_title(assets: Sequence[AssetFacts]) -> list[str]:
    """Assets whose title nobody has verified."""
    return [asset.reference for asset in assets if not asset.has_title]


def lacks_lien_check(assets: Sequence[AssetFacts], on: dt.date) -> list[str]:
    """Assets whose register was not looked at lately."""
    checks = [(asset.reference, asset.liens_checked_on) for asset in assets]
    return [name for name, checked in checks if checked is None or is_stale(checked, on, LIEN_CHECK_DAYS)]


def lacks_insurance(assets: Sequence[AssetFacts], on: dt.date, currency: str) -> list[str]:
    """Insurable assets that no insurance in force, assigned to the lender, covers up to their lending value."""
    return [asset.reference for asset in assets if asset.is_insurable and not _is_insured(asset, on, currency)]


def _is_insured(asset: AssetFacts, on: dt.date, currency: str) -> bool:
    insured = sum((each.amount for each in asset.covers if each.is_assigned and each.valid_until >= on), ZERO)
    return insured > 0 and insured >= (asset.lending_value(currency) or ZERO)


def lacks_fresh_valuation(assets: Sequence[AssetFacts], on: dt.date) -> list[str]:
    """Assets that are not valued, or whose valuation is older than their class allows."""
    return [
        asset.reference
        for asset in assets
        if asset.valued_on is None or is_stale(asset.valued_on, on, asset.valuation_days)
    ]
