"""Working time and deadlines: pure functions on aware datetimes; hours are working hours of the bank."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable

IsHoliday = Callable[[dt.date], bool]

OPENS, CLOSES = dt.time(9), dt.time(17)
DAY_SECONDS = 8 * 3600
DEFAULT_HOURS: dict[str, int] = {
    "intake": 16,
    "credit_review": 40,
    "collateral_check": 40,
    "approval": 24,
    "contracting": 40,
    "conditions": 80,
    "payout": 16,
}
"""Working hours a stage may take where the product names none; states that are not here have no deadline."""


def service_seconds(state: str, hours_by_state: dict[str, int], *, urgent: bool = False) -> int | None:
    """Working seconds a state may take, half of it in the urgent lane; ``None`` where the state has no deadline."""
    hours = hours_by_state.get(state, DEFAULT_HOURS.get(state))
    return None if hours is None else int(hours) * 3600 // (2 if urgent else 1)


def moved_lane(left: int, full: int, *, urgent: bool) -> int:
    """Working seconds left (negative: past due) once a case has changed to the urgent lane or back to the ordinary one.

    ``full`` is what the state may take on the ordinary lane; the urgent one takes half of it away.
    """
    shift = full - full // 2
    return left - shift if urgent else left + shift


def is_working_day(day: dt.date, is_holiday: IsHoliday) -> bool:
    """Tell whether the bank works on a day."""
    return day.weekday() < 5 and not is_holiday(day)


def add_working_seconds(start: dt.datetime, seconds: int, zone: str, is_holiday: IsHoliday) -> dt.datetime:
    """Moment reached after ``seconds`` of working time from ``start``; returns UTC."""
    local = start.astimezone(zoneinfo.ZoneInfo(zone))
    left = seconds
    while True:
        opens, closes = _hours_of(local)
        begin = max(local, opens)
        room = int((closes - begin).total_seconds()) if is_working_day(local.date(), is_holiday) else 0
        if 0 < left <= room or (left == 0 and room > 0):
            return (begin + dt.timedelta(seconds=left)).astimezone(dt.UTC)
        left -= max(room, 0)
        local = dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time(0), local.tzinfo)


def working_seconds_between(start: dt.datetime, end: dt.datetime, zone: str, is_holiday: IsHoliday) -> int:
    """Working seconds from ``start`` to ``end``; zero when ``end`` is not later."""
    place = zoneinfo.ZoneInfo(zone)
    local, last, total = start.astimezone(place), end.astimezone(place), 0
    while local < last:
        opens, closes = _hours_of(local)
        begin, finish = max(local, opens), min(last, closes)
        if finish > begin and is_working_day(local.date(), is_holiday):
            total += int((finish - begin).total_seconds())
        local = dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time(0), place)
    return total


def _hours_of(moment: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    day, zone = moment.date(), moment.tzinfo
    return dt.datetime.combine(day, OPENS, zone), dt.datetime.combine(day, CLOSES, zone)


def case_number(year: int, serial: int) -> str:
    """Reference ``LF-YYYY-NNNNNN`` of the ``serial``-th case of a year."""
    return f"LF-{year:04d}-{serial:06d}"
