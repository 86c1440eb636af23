"""Days as they are typed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.core.days import parse_day

FIFTH = (
    "2026-03-05", "2026/3/5", "2026.3.5", "20260305", "2026年3月5日", "2026 年 3 月 5 日", "２０２６－０３－０５", " 2026-03-05 ", "5 Mar 2026",
    "5 march 2026", "Mar 5, 2026", "March 5th 2026", "5-Mar-2026",
)  # fmt: skip
REFUSED = {
    "03/04/2026": "year first", "3.4.2026": "year first", "2026-02-30": "no such day", "2026-13-01": "no such day", "0203-01-01": "four digits",
    "26-1-1": "four digits", "5 marble 2026": "four digits", "tomorrow": "four digits", "٢٠٢٦-٠١-٠١": "four digits", "9" * 4000: "four digits",
    "\x00": "four digits",
}  # fmt: skip


@pytest.mark.parametrize("typed", FIFTH)
def test_a_day_is_read_as_it_is_meant(typed: str) -> None:
    assert parse_day(typed) == dt.date(2026, 3, 5)


@pytest.mark.parametrize(("typed", "words"), REFUSED.items())
def test_what_could_be_another_day_is_asked_back(typed: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_day(typed)
    assert words in refused.value.messages[0]


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_day_is_read_in_the_forms_that_the_house_writes(day: dt.date) -> None:
    assert parse_day(day.isoformat()) == parse_day(f"{day.year}年{day.month}月{day.day}日") == day
