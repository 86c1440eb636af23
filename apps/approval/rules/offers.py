"""Offers: until when they stand."""

from __future__ import annotations

import datetime as dt


def offer_end(made_on: dt.date, days: int) -> dt.date:
    """Last day on which an offer may be accepted; raises ``ValueError`` for less than a day."""
    if days < 1:
        raise ValueError("an offer stands for at least a day")
    return made_on + dt.timedelta(days=days)


def is_open(ends_on: dt.date, today: dt.date) -> bool:
    """Tell whether an offer may still be accepted; its last day counts."""
    return today <= ends_on


DRAWN_WITHIN = dt.timedelta(days=180)


def availability_end(approved_on: dt.date, kind: str, term_months: int) -> dt.date:
    """Last day on which a facility may be drawn: half a year for a loan, the whole term for a revolving limit."""
    if kind != "revolving":
        return approved_on + DRAWN_WITHIN
    years, month = divmod(approved_on.month - 1 + term_months, 12)
    first = dt.date(approved_on.year + years, month + 1, 1)
    days = ((first + dt.timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(approved_on.day, days))
