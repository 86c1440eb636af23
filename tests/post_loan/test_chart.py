"""The lines of a loan's principal over time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.post_loan.chart import HEIGHT, TOP, WIDTH, balance_chart
from apps.post_loan.models import LedgerEntry
from apps.post_loan.selectors.pages import owed_since

START = dt.date(2026, 1, 10)


def steps(*owed: int) -> list[tuple[dt.date, Decimal]]:
    """What is owed, from each thirtieth day on."""
    return [(START + dt.timedelta(days=30 * at), Decimal(each)) for at, each in enumerate(owed)]


def points(line: str) -> list[tuple[float, float]]:
    """Points of a polyline."""
    return [(float(x), float(y)) for x, y in (each.split(",") for each in line.split())]


def test_a_line_is_flat_until_the_day_on_which_something_is_repaid():
    chart = balance_chart(steps(100, 50, 0), steps(100), START + dt.timedelta(days=15))
    assert chart is not None
    assert points(chart.planned) == [(0, TOP), (320, TOP), (320, 82), (640, 82), (640, HEIGHT)]
    assert points(chart.real) == [(0, TOP), (160, TOP)]
    assert (chart.today_x, chart.begins_on, chart.ends_on) == ("160.0", START, START + dt.timedelta(days=60))


@pytest.mark.parametrize("planned", [[], steps(100), steps(0, 0)])
def test_without_a_plan_nothing_is_drawn(planned: list[tuple[dt.date, Decimal]]):
    assert balance_chart(planned, planned, START) is None


def test_a_loan_that_is_late_is_drawn_until_today():
    chart = balance_chart(steps(100, 0), steps(100), START + dt.timedelta(days=90))
    assert chart is not None
    assert chart.ends_on == START + dt.timedelta(days=90)
    assert points(chart.real)[-1] == (WIDTH, TOP)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=40), st.integers(-50, 3000))
def test_every_point_lies_within_the_picture(owed: list[int], days: int):
    chart = balance_chart(steps(*owed), steps(*owed[:3]), START + dt.timedelta(days=days))
    if chart is not None:
        for x, y in points(chart.planned) + points(chart.real):
            assert 0 <= x <= WIDTH
            assert TOP - 0.1 <= y <= HEIGHT + 0.1


def test_a_posting_that_came_late_counts_from_its_value_date():
    moved = (("payout", 100, 0), ("interest", 5, 40), ("principal", 30, 40), ("principal", 20, 10))
    ledger = [
        LedgerEntry(id=at, kind=kind, amount=Decimal(amount), value_on=START + dt.timedelta(days=day))
        for at, (kind, amount, day) in enumerate(moved)
    ]
    assert [(day - START).days for day, _owed in owed_since(ledger)] == [0, 10, 40, 40]
    assert [owed for _day, owed in owed_since(ledger)] == [100, 80, 80, 50]
