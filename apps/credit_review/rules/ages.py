"""How old papers may be, and how many years a business must show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

BUREAU_DAYS = 30
STATEMENT_DAYS = 548
YEARS_ASKED = 3


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
