"""Offers: until when they stand, and how a recommended sum falls on several facilities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from apps.core import money


def offer_end(made_on: dt.date, days: int) -> dt.date:
    """Last day on which an offer may be accepted; raises ``ValueError`` for less than a day."""
    if days < 1:
        raise ValueError("an offer stands for at least a day")
    return made_on + dt.timedelta(days=days)


def is_open(ends_on: dt.date, today: dt.date) -> bool:
    """Tell whether an offer may still be accepted; its last day counts."""
    return today <= ends_on


def apportion(total: Decimal, asked: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Spread a recommended sum over facilities as they were asked for; parts are exact and the last takes the rest."""
    whole = sum(asked, Decimal(0))
    if whole <= 0 or not asked:
        raise ValueError("nothing was asked for")
    step = money.quantum(currency)
    parts = [(total * part / whole).quantize(step, rounding=ROUND_DOWN) for part in asked[:-1]]
    return (*parts, total - sum(parts, Decimal(0)))
