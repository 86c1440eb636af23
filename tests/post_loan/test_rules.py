"""What a repayment pays, what is outstanding, how late, and what settles: tables and properties."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.core.schedules import DAY_COUNTS, METHODS, schedule
from apps.post_loan.rules import (
    Allocation,
    Due,
    allocate,
    arrears,
    days_past_due,
    loan_number,
    next_due,
    outstanding_principal,
    settlement,
)

START = dt.date(2026, 1, 15)
D = Decimal


def due(
    number: int, principal: str = "100", interest: str = "10", paid_principal: str = "0", paid_interest: str = "0"
) -> Due:
    """The instalment of a month."""
    day = dt.date(2026, number + 1, 15)
    return Due(number, day, D(principal), D(interest), D(paid_principal), D(paid_interest))


@st.composite
def loans(draw: st.DrawFn) -> tuple[list[Due], Decimal, str]:
    """A schedule with its rate and day count."""
    principal = draw(st.decimals(min_value=100, max_value=10**8, places=2))
    rate, months = draw(st.decimals(min_value=0, max_value=36, places=2)), draw(st.integers(1, 36))
    method, count = draw(st.sampled_from(METHODS)), draw(st.sampled_from(sorted(DAY_COUNTS)))
    rows = schedule(principal, rate, START, months, method=method, day_count=count, currency="CNY")
    return [Due(row.number, row.due_on, row.principal, row.interest) for row in rows], rate, count


def paid(dues: list[Due], parts: list[Allocation]) -> list[Due]:
    """The instalments after a repayment."""
    of = {part.number: part for part in parts}
    none = Allocation(0, D(0), D(0))
    return [
        replace(
            row,
            paid_interest=row.paid_interest + of.get(row.number, none).interest,
            paid_principal=row.paid_principal + of.get(row.number, none).principal,
        )
        for row in dues
    ]


@pytest.mark.parametrize(
    ("amount", "dues", "parts", "left"),
    [
        ("5", [due(1)], [(1, "5", "0")], "0"),
        ("10", [due(1)], [(1, "10", "0")], "0"),
        ("50", [due(1)], [(1, "10", "40")], "0"),
        ("110", [due(1), due(2)], [(1, "10", "100")], "0"),
        ("115", [due(1), due(2)], [(1, "10", "100"), (2, "5", "0")], "0"),
        ("115", [due(2), due(1)], [(1, "10", "100"), (2, "5", "0")], "0"),
        ("20", [due(1, paid_interest="10", paid_principal="95")], [(1, "0", "5")], "15"),
        ("1", [due(1, paid_interest="10", paid_principal="100")], [], "1"),
        ("7", [], [], "7"),
    ],
)
def test_the_oldest_instalment_is_paid_first_and_interest_before_principal(
    amount: str, dues: list[Due], parts: list[tuple[int, str, str]], left: str
):
    expected = [Allocation(number, D(interest), D(principal)) for number, interest, principal in parts]
    assert allocate(D(amount), dues) == (expected, D(left))


@pytest.mark.parametrize("amount", ["0", "-1", "-0.01"])
def test_a_repayment_is_positive(amount: str):
    with pytest.raises(ValueError, match="positive"):
        allocate(D(amount), [due(1)])


@given(loans(), st.decimals(min_value="0.01", max_value=2 * 10**8, places=2))
def test_parts_never_exceed_what_is_open_and_add_up_to_the_amount(
    loan: tuple[list[Due], Decimal, str], amount: Decimal
):
    dues, _rate, _count = loan
    parts, left = allocate(amount, dues)
    by_number = {row.number: row for row in dues}
    assert sum((part.interest + part.principal for part in parts), D(0)) + left == amount
    assert left >= 0
    for part in parts:
        assert 0 <= part.interest <= by_number[part.number].open_interest
        assert 0 <= part.principal <= by_number[part.number].open_principal
    after = paid(dues, parts)
    assert left == 0 or outstanding_principal(after) == 0


@given(loans(), st.lists(st.decimals(min_value="0.01", max_value=10**6, places=2), min_size=1, max_size=8))
def test_many_repayments_pay_what_one_of_their_sum_pays(loan: tuple[list[Due], Decimal, str], amounts: list[Decimal]):
    dues, _rate, _count = loan
    assume(sum(amounts) <= sum((row.open_total for row in dues), D(0)))
    step = dues
    for amount in amounts:
        parts, _left = allocate(amount, step)
        step = paid(step, parts)
    whole, _left = allocate(sum(amounts, D(0)), dues)
    assert step == paid(dues, whole)


@pytest.mark.parametrize(
    ("today", "late", "owed"),
    [
        (dt.date(2026, 2, 14), 0, "0"),
        (dt.date(2026, 2, 15), 0, "0"),
        (dt.date(2026, 2, 16), 1, "60"),
        (dt.date(2026, 3, 15), 28, "60"),
        (dt.date(2026, 3, 16), 29, "170"),
    ],
)
def test_days_past_due_count_from_the_oldest_unpaid_day(today: dt.date, late: int, owed: str):
    dues = [due(1, paid_interest="10", paid_principal="40"), due(2), due(3)]
    assert days_past_due(dues, today) == late
    assert arrears(dues, today) == D(owed)
    assert (arrears(dues, today) > 0) == (late > 0)


@given(loans(), st.integers(0, 1200))
def test_who_has_paid_all_is_never_late(loan: tuple[list[Due], Decimal, str], days: int):
    dues, _rate, _count = loan
    whole = sum((row.open_total for row in dues), D(0))
    parts, left = allocate(whole, dues)
    after, today = paid(dues, parts), START + dt.timedelta(days=days)
    assert (left, outstanding_principal(after), arrears(after, today), days_past_due(after, today)) == (0, 0, 0, 0)
    assert next_due(after) is None


@given(loans(), st.integers(0, 1200))
def test_a_settlement_takes_all_principal_and_at_most_the_scheduled_interest_of_its_period(
    loan: tuple[list[Due], Decimal, str], days: int
):
    dues, rate, count = loan
    on = START + dt.timedelta(days=days)
    quote = settlement(dues, on, start=START, rate_percent=rate, day_count=count, currency="CNY")
    past = sum((row.interest for row in dues if row.due_on <= on), D(0))
    assert quote.principal == outstanding_principal(dues)
    assert quote.interest >= past
    assert quote.total == quote.principal + quote.interest
    assert quote.total <= sum((row.open_total for row in dues), D(0)) + D("0.01")


def test_on_the_day_of_payout_a_settlement_is_the_principal():
    quote = settlement([due(1), due(2)], START, start=START, rate_percent=D(12), day_count="30/360", currency="CNY")
    assert (quote.principal, quote.interest) == (D(200), D(0))


def test_interest_runs_by_the_day_since_the_last_due_date():
    dues = [due(1, "100", "2", "100", "2"), due(2, "100", "1")]
    quote = settlement(dues, dt.date(2026, 2, 25), start=START, rate_percent=D(36), day_count="30/360", currency="CNY")
    assert (quote.principal, quote.interest) == (D(100), D("1.00"))


def test_interest_paid_ahead_is_given_back_as_far_as_it_has_not_run():
    dues = [due(1, "100", "2", "100", "2"), due(2, "100", "3", "0", "3")]
    quote = settlement(dues, dt.date(2026, 2, 25), start=START, rate_percent=D(36), day_count="30/360", currency="CNY")
    assert (quote.interest, quote.total) == (D(-2), D(98))


def test_after_the_last_day_no_further_interest_runs():
    quote = settlement(
        [due(1)], dt.date(2030, 1, 1), start=START, rate_percent=D(36), day_count="30/360", currency="CNY"
    )
    assert quote.total == D(110)


@pytest.mark.parametrize(
    ("year", "serial", "number"), [(2026, 1, "LN-2026-000001"), (2031, 1234567, "LN-2031-1234567")]
)
def test_loan_numbers_say_their_year(year: int, serial: int, number: str):
    assert loan_number(year, serial) == number
