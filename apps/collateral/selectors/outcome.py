"""What later stages learn of the collateral: frozen values, as an appraiser confirmed them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.collateral import rules
from apps.collateral.models import Confirmation
from apps.collateral.selectors.gathering import assets_known, loan_of
from apps.core import clock
from apps.core.gathered import rows
from apps.workflow.models import LoanCase

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CollateralOutcome:
    """All assets against the loan; amounts in ``currency``, ``ltv`` and ``cover`` as plain numbers (0.62, not 62 %).

    ``is_confirmed`` is false for an unsecured case and before an appraiser confirmed; the values are then zero.
    ``assets`` holds a line an asset: ``asset``, ``asset_class``, ``description``, ``value``, ``valued_on``,
    ``prior_liens``, ``haircut``, ``lending_value``; amounts and days as text.
    """

    is_confirmed: bool
    currency: str
    loan: Decimal
    total_value: Decimal = ZERO
    prior_liens: Decimal = ZERO
    lending_value: Decimal = ZERO
    ltv: Decimal | None = None
    cover: Decimal | None = None
    oldest_valuation_on: dt.date | None = None
    confirmed_at: dt.datetime | None = None
    appraiser_id: int | None = None
    assets: tuple[Mapping[str, Any], ...] = ()


def collateral_outcome(case: LoanCase) -> CollateralOutcome:
    """The outcome that stands for a case: the newest confirmation, unless that one sent the case back."""
    row = next(reversed(rows(case, Confirmation)), None)
    if row is None or row.is_below:
        return CollateralOutcome(False, case.currency, loan_of(case))
    return CollateralOutcome(
        is_confirmed=True, currency=row.currency, loan=row.loan, total_value=row.total_value, prior_liens=row.prior_liens,
        lending_value=row.lending_value, ltv=row.ltv, cover=row.cover, oldest_valuation_on=row.oldest_valuation_on,
        confirmed_at=row.created_at, appraiser_id=row.confirmed_by_id, assets=tuple(row.assets.reveal()),
    )  # fmt: skip


def valuations_are_fresh(case: LoanCase) -> bool:
    """Tell whether every asset's valuation is young enough today, for the test before a payment."""
    return not rules.lacks_fresh_valuation([each.facts for each in assets_known(case)], clock.today())
