"""The one clock: real time, or a simulated one that the demo book and tests move."""

from __future__ import annotations

import contextlib
import datetime as dt
import zoneinfo
from collections.abc import Iterator
from contextvars import ContextVar

from django.utils import timezone

_simulated: ContextVar[dt.datetime | None] = ContextVar("simulated_now", default=None)


def now() -> dt.datetime:
    """Present moment, aware, in UTC."""
    fixed = _simulated.get()
    return fixed if fixed is not None else timezone.now()


def today(zone: str | None = None) -> dt.date:
    """Calendar day in ``zone`` (an IANA name) or in the active time zone."""
    where = zoneinfo.ZoneInfo(zone) if zone else timezone.get_current_timezone()
    return now().astimezone(where).date()


def is_simulated() -> bool:
    """Tell whether the clock is moved; events written under it say ``simulated``."""
    return _simulated.get() is not None


@contextlib.contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Move the clock to an aware ``moment`` inside the block; blocks nest."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware moments only")
    token = _simulated.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _simulated.reset(token)
