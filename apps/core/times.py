"""Spans of time in words short enough for a table: ``4 h``, ``3 d``, ``2 min ago``."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86400


def span(length: dt.timedelta) -> str:
    """Say how long a span is, in its largest fitting unit, without a sign: ``5 min``, ``22 h``, ``3 d``, ``14 mo``."""
    seconds = abs(int(length.total_seconds()))
    if seconds < HOUR:
        return _("%(count)s min") % {"count": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(count)s h") % {"count": seconds // HOUR}
    if seconds < 90 * DAY:
        return _("%(count)s d") % {"count": seconds // DAY}
    return _("%(count)s mo") % {"count": seconds // (30 * DAY)}


def relative(moment: dt.datetime, at: dt.datetime) -> str:
    """Say when a moment is or was, seen from ``at``: ``just now``, ``4 h ago``, ``in 3 d``; older ones by their date."""
    length = moment - at
    if abs(length) < dt.timedelta(minutes=1):
        return _("just now")
    if abs(length) >= dt.timedelta(days=30):
        return day(moment, at)
    words = {"span": span(length)}
    return _("in %(span)s") % words if length > dt.timedelta(0) else _("%(span)s ago") % words


def day(moment: dt.datetime | dt.date, at: dt.datetime) -> str:
    """Write a day in the locale's way, with its year when that is not the year of ``at``."""
    local = timezone.localtime(moment) if isinstance(moment, dt.datetime) else moment
    same_year = local.year == timezone.localtime(at).year
    return date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


def exact(moment: dt.datetime) -> str:
    """Write a moment to the minute, with its time zone, as a title or a footnote."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATE_FORMAT')} {date_format(local, 'H:i')} {local.tzname()}"


def moment(value: dt.datetime, at: dt.datetime) -> str:
    """Say when something was to the minute: ``14:02`` on the day of ``at``, ``3 March, 14:02`` on another."""
    local = timezone.localtime(value)
    time = date_format(local, "H:i")
    same = local.date() == timezone.localtime(at).date()
    return time if same else _("%(day)s, %(time)s") % {"day": day(value, at), "time": time}
