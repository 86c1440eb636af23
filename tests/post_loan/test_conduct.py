"""Conduct: what counts as due, as paid in time, as late; tables and properties, no database."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.post_loan.conduct import Conduct, Payment, conduct_of
from apps.post_loan.rules import Due

TODAY = dt.date(2026, 6, 30)
HUNDRED, TEN = Decimal(100), Decimal(10)


def due(number: int, days_ago: int, *, paid: bool = True) -> Due:
    """An instalment of 110 that fell due some days ago."""
    part = (HUNDRED, TEN) if paid else (Decimal(0), Decimal(0))
    return Due(number, TODAY - dt.timedelta(days=days_ago), HUNDRED, TEN, *part)


def paid(days_ago: int, *numbers: int) -> Payment:
    """A repayment that went to instalments."""
    return TODAY - dt.timedelta(days=days_ago), [{"number": number} for number in numbers]


SETTLED: Payment = (TODAY - dt.timedelta(days=40), [{"settles": True}])


@pytest.mark.parametrize(
    ("dues", "payments", "expected"),
    [
        ([], [], Conduct()),
        ([due(1, -10, paid=False)], [], Conduct()),
        ([due(1, 0, paid=False)], [], Conduct()),
        ([due(1, 0)], [paid(0, 1)], Conduct(1, 1)),
        ([due(1, 30)], [paid(30, 1)], Conduct(1, 1)),
        ([due(1, 30)], [paid(45, 1)], Conduct(1, 1)),
        ([due(1, 30)], [paid(32, 1), paid(25, 1)], Conduct(1, 0, 5)),
        ([due(1, 60), due(2, 30, paid=False)], [paid(60, 1)], Conduct(2, 1, 30, HUNDRED + TEN)),
        ([due(1, 60), due(2, 30), due(3, 1)], [paid(50, 1), SETTLED], Conduct(1, 0, 10)),
        ([due(1, 60), due(2, 40), due(3, 1)], [paid(60, 1), SETTLED], Conduct(2, 2)),
    ],
)
def test_each_instalment_is_judged_by_the_day_it_was_whole(dues: list[Due], payments: list[Payment], expected: Conduct):
    assert conduct_of(dues, payments, TODAY) == expected


@given(st.lists(st.tuples(st.integers(-30, 400), st.integers(-30, 400) | st.none()), max_size=12))
def test_what_was_paid_in_time_is_never_more_than_what_was_due(facts: list[tuple[int, int | None]]):
    dues = [due(number, ago, paid=when is not None) for number, (ago, when) in enumerate(facts, 1)]
    payments = [paid(when, number) for number, (_ago, when) in enumerate(facts, 1) if when is not None]
    found = conduct_of(dues, payments, TODAY)
    assert 0 <= found.in_time <= found.due <= len(dues)
    assert (found.longest_delay == 0) == (found.in_time == found.due)


def test_two_loans_are_judged_together():
    assert Conduct(3, 2, 5, TEN) + Conduct(2, 2, 0, HUNDRED) == Conduct(5, 4, 5, TEN + HUNDRED)
