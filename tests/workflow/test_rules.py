"""Working time and deadlines."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflow import rules

ZONE = "Asia/Shanghai"
NEW_YEAR = dt.date(2026, 1, 1)


def local(text: str) -> dt.datetime:
    """A moment in Shanghai, eight hours ahead of UTC."""
    return dt.datetime.fromisoformat(f"{text}+08:00")


def no_holiday(_day: dt.date) -> bool:
    return False


def new_year_only(day: dt.date) -> bool:
    return day == NEW_YEAR


@pytest.mark.parametrize(
    ("start", "hours", "holiday", "expected"),
    [
        ("2026-01-05T09:00", 8, no_holiday, "2026-01-05T17:00"),
        ("2026-01-05T10:00", 8, no_holiday, "2026-01-06T10:00"),
        ("2026-01-05T20:00", 1, no_holiday, "2026-01-06T10:00"),
        ("2026-01-09T16:00", 2, no_holiday, "2026-01-12T10:00"),
        ("2026-01-10T12:00", 4, no_holiday, "2026-01-12T13:00"),
        ("2025-12-31T16:00", 2, new_year_only, "2026-01-02T10:00"),
        ("2026-01-05T03:00", 0, no_holiday, "2026-01-05T09:00"),
        ("2026-01-05T09:00", 40, no_holiday, "2026-01-09T17:00"),
    ],
)
def test_working_hours_skip_nights_weekends_and_holidays(
    start: str, hours: int, holiday: rules.IsHoliday, expected: str
) -> None:
    assert rules.add_working_seconds(local(start), hours * 3600, ZONE, holiday) == local(expected)


moments = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


@given(moments, st.integers(0, 80 * 3600))
def test_what_is_added_is_what_lies_between(start: dt.datetime, seconds: int) -> None:
    end = rules.add_working_seconds(start, seconds, ZONE, new_year_only)
    assert rules.working_seconds_between(start, end, ZONE, new_year_only) == seconds


@given(moments, st.integers(0, 400_000), st.integers(0, 400_000))
def test_more_working_time_never_ends_earlier(start: dt.datetime, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert rules.add_working_seconds(start, low, ZONE, no_holiday) <= rules.add_working_seconds(
        start, high, ZONE, no_holiday
    )


def test_no_working_time_lies_between_a_moment_and_an_earlier_one() -> None:
    assert rules.working_seconds_between(local("2026-01-06T10:00"), local("2026-01-05T10:00"), ZONE, no_holiday) == 0


@pytest.mark.parametrize(
    ("state", "hours", "urgent", "expected"),
    [
        ("intake", {}, False, 16 * 3600),
        ("intake", {}, True, 8 * 3600),
        ("intake", {"intake": 4}, False, 4 * 3600),
        ("intake", {"intake": 0}, False, 0),
        ("active", {}, False, None),
        ("draft", {"draft": 8}, False, 8 * 3600),
    ],
)
def test_service_time_comes_from_the_product_then_the_default(
    state: str, hours: dict[str, int], urgent: bool, expected: int | None
) -> None:
    assert rules.service_seconds(state, hours, urgent=urgent) == expected


def test_case_numbers_are_padded_and_hold_the_year() -> None:
    assert rules.case_number(2026, 4817) == "LF-2026-004817"
