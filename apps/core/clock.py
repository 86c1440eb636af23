"""The one clock: real time, or a simulated one that the demo book and tests move; and the one calendar, the institution's.

A *day* in LoanFlow is a calendar day where the institution is, in requests, jobs and commands alike. core does not know the
institution: accounts fills the port ``ask_home_zone`` when Django is ready.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from django.utils import timezone

_home: Callable[[], str | None] | None = None
_zone: ContextVar[str | None] = ContextVar("home_zone", default=None)
_told: ContextVar[list[str] | None] = ContextVar("home_zone_told", default=None)
_simulated: ContextVar[dt.datetime | None] = ContextVar("simulated_now", default=None)


def now() -> dt.datetime:
    """Present moment, aware, in UTC."""
    fixed = _simulated.get()
    return fixed if fixed is not None else timezone.now()


def today(zone: str | None = None) -> dt.date:
    """Calendar day at the institution, or in ``zone`` (an IANA name)."""
    return day_of(now(), zone)


def day_of(moment: dt.datetime, zone: str | None = None) -> dt.date:
    """Calendar day of an aware moment at the institution, or in ``zone`` (an IANA name)."""
    return moment.astimezone(zoneinfo.ZoneInfo(zone or _zone.get() or _home_zone())).date()


def midnight(day: dt.date) -> dt.datetime:
    """The moment, in UTC, at which a day begins at the institution."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(_zone.get() or _home_zone())).astimezone(dt.UTC)


def ask_home_zone(port: Callable[[], str | None]) -> None:
    """Register who knows the institution's zone (an IANA name; ``None`` before there is an institution)."""
    global _home  # noqa: PLW0603 - a port, filled once
    _home = port


def _home_zone() -> str:
    told = _told.get()
    if told:
        return told[0]
    name = _home() if _home else None
    if told is not None and name:
        told.append(name)
    return name or "UTC"


@contextlib.contextmanager
def one_zone() -> Iterator[None]:
    """Ask for the institution's zone once at most until the block ends, and only if a day is asked for; a block inside asks no more."""
    if _told.get() is not None:
        yield
        return
    token = _told.set([])
    try:
        yield
    finally:
        _told.reset(token)


@contextlib.contextmanager
def at_home(known: str = "") -> Iterator[None]:
    """Ask for the institution's zone once (unless it is ``known``), and show times in it, until the block ends; a block inside
    asks no more.
    """
    name = _zone.get() or known or _home_zone()
    token = _zone.set(name)
    try:
        with timezone.override(zoneinfo.ZoneInfo(name)):
            yield
    finally:
        _zone.reset(token)


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
