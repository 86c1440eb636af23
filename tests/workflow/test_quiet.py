"""Quiet hours and the daily hour, on the reader's clock: across midnight, across zones, across a change of the clock."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflow.quiet import daily_moment, is_quiet

SHANGHAI, BERLIN, AUCKLAND = "Asia/Shanghai", "Europe/Berlin", "Pacific/Auckland"
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))
ZONES = st.sampled_from([SHANGHAI, BERLIN, AUCKLAND, "America/St_Johns", "UTC"])


def utc(text: str) -> dt.datetime:
    """A moment written in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def hour(text: str) -> dt.time | None:
    """A time of the day, or none."""
    return dt.time.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("moment", "zone", "start", "end", "quiet"),
    [
        ("2026-03-05T14:00", SHANGHAI, "22:00", "07:00", True),  # 22:00 there, the first minute of the night
        ("2026-03-05T13:59", SHANGHAI, "22:00", "07:00", False),
        ("2026-03-05T16:00", SHANGHAI, "22:00", "07:00", True),  # midnight
        ("2026-03-05T22:59", SHANGHAI, "22:00", "07:00", True),
        ("2026-03-05T23:00", SHANGHAI, "22:00", "07:00", False),  # 07:00, the night is over
        ("2026-03-05T14:00", BERLIN, "22:00", "07:00", False),  # the same moment is the afternoon there
        ("2026-07-05T20:30", BERLIN, "22:00", "07:00", True),  # summer time
        ("2026-01-05T20:30", BERLIN, "22:00", "07:00", False),
        ("2026-03-05T04:30", SHANGHAI, "12:00", "13:30", True),  # within one day
        ("2026-03-05T05:30", SHANGHAI, "12:00", "13:30", False),
        ("2026-03-05T04:30", SHANGHAI, "", "", False),
        ("2026-03-05T04:30", SHANGHAI, "12:00", "12:00", False),
    ],
)
def test_quiet_hours_are_those_of_the_readers_clock(moment: str, zone: str, start: str, end: str, quiet: bool) -> None:
    assert is_quiet(utc(moment), zone, hour(start), hour(end)) is quiet


@pytest.mark.parametrize(
    ("moment", "zone", "due"),
    [
        ("2026-03-05T00:00", SHANGHAI, "2026-03-05T00:00"),  # 08:00 there
        ("2026-03-04T23:59", SHANGHAI, "2026-03-04T00:00"),
        ("2026-03-05T06:59", BERLIN, "2026-03-04T07:00"),
        ("2026-03-05T07:00", BERLIN, "2026-03-05T07:00"),
        ("2026-03-29T06:00", BERLIN, "2026-03-29T06:00"),  # the day of the change to summer time
        ("2026-03-04T19:00", AUCKLAND, "2026-03-04T19:00"),  # 08:00 of the fifth
    ],
)
def test_the_daily_mail_falls_due_at_eight_on_the_readers_clock(moment: str, zone: str, due: str) -> None:
    assert daily_moment(utc(moment), zone, dt.time(8)) == utc(due)


@given(MOMENTS, ZONES, st.times())
def test_the_last_daily_moment_lies_within_the_day_before(moment: dt.datetime, zone: str, at: dt.time) -> None:
    assert dt.timedelta(0) <= moment - daily_moment(moment, zone, at) <= dt.timedelta(hours=25)


@given(MOMENTS, ZONES, st.times(), st.times())
def test_either_the_hours_or_the_rest_of_the_day_are_quiet(
    moment: dt.datetime, zone: str, start: dt.time, end: dt.time
) -> None:
    if start != end:
        assert is_quiet(moment, zone, start, end) is not is_quiet(moment, zone, end, start)
