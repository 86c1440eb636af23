"""When a mail may go out: quiet hours and the daily hour, on the clock of the reader's own zone. Pure."""

from __future__ import annotations

import datetime as dt
import zoneinfo


def is_quiet(moment: dt.datetime, zone: str, start: dt.time | None, end: dt.time | None) -> bool:
    """Tell whether a moment lies in the quiet hours of a zone; hours that end before they begin run across midnight."""
    if start is None or end is None or start == end:
        return False
    local = moment.astimezone(zoneinfo.ZoneInfo(zone)).time()
    return start <= local < end if start < end else local >= start or local < end


def daily_moment(moment: dt.datetime, zone: str, hour: dt.time) -> dt.datetime:
    """The last moment, in UTC, at which the daily mail fell due: today's hour in the zone, or yesterday's before it."""
    place = zoneinfo.ZoneInfo(zone)
    day = moment.astimezone(place).date()
    due = dt.datetime.combine(day, hour, place).astimezone(dt.UTC)
    if due > moment:
        due = dt.datetime.combine(day - dt.timedelta(days=1), hour, place).astimezone(dt.UTC)
    return due
