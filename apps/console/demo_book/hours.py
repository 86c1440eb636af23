"""Hours in which the demo bank works."""

from __future__ import annotations

import datetime as dt
import zoneinfo

WORKDAY = (9, 17)
LATEST_START = 14  # of what is to be ended on its day
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
SHORT = dt.timedelta(hours=2)


def working(moment: dt.datetime) -> dt.datetime:
    """The moment itself within working hours in Shanghai, else the next morning of a weekday; returns UTC."""
    local = moment.astimezone(SHANGHAI)
    if local.hour >= WORKDAY[1]:
        local = local.replace(hour=WORKDAY[0]) + dt.timedelta(days=1)
    if local.hour < WORKDAY[0]:
        local = local.replace(hour=WORKDAY[0], minute=0, second=0)
    while local.weekday() >= 5:
        local += dt.timedelta(days=1)
    return local.astimezone(dt.UTC)


def same_day(moment: dt.datetime, wait: dt.timedelta) -> dt.datetime:
    """When to go on: what follows within the hour stays on its day, what was waited for longer begins early enough for that."""
    going_on = working(moment + wait)
    if wait < SHORT or going_on.astimezone(SHANGHAI).hour < LATEST_START:
        return going_on
    return working(going_on.astimezone(SHANGHAI).replace(hour=WORKDAY[1]))
