"""What may be paid, and the bytes that go to the bank."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from apps.core.money import MINOR_UNITS
from apps.core.schedules import add_months
from apps.disbursement.rules import (
    Instruction,
    amount_text,
    digest,
    draw_term,
    is_available,
    new_end_to_end_id,
    pain_001,
    room_left,
)

TODAY = dt.date(2026, 5, 4)
MONEY = st.decimals(min_value=0, max_value=10**12, places=2)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=200,
)
ORDER = Instruction(
    end_to_end_id="0" * 32, made_at=dt.datetime(2026, 5, 4, 1, 2, 3, 456789, tzinfo=dt.UTC), execute_on=TODAY, amount=Decimal("1200000.5000"),
    currency="CNY", debtor_name="Songhua Bank", debtor_account="3700160880805012", debtor_bank="Bank of the North", creditor_name="松花面包 & Co. <1>",
    creditor_account="6222021234567894419", creditor_bank="Bank of Jinan", remittance="LF-2026-000001/1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("approved", "drawn", "repaid", "revolving", "room"),
    [
        (None, 0, 0, False, 0),
        (100, 0, 0, False, 100),
        (100, 60, 0, False, 40),
        (100, 100, 0, False, 0),
        (100, 101, 0, False, 0),
        (100, 60, 50, False, 40),
        (100, 60, 50, True, 90),
        (100, 160, 100, True, 40),
        (None, 0, 50, True, 0),
    ],
)
def test_room_is_what_was_approved_less_what_is_drawn(
    approved: int | None, drawn: int, repaid: int, revolving: bool, room: int
):
    known = None if approved is None else Decimal(approved)
    assert room_left(known, Decimal(drawn), Decimal(repaid), revolving=revolving) == room


@given(MONEY, MONEY, MONEY, st.booleans())
def test_room_is_never_negative_and_grows_with_repayments_of_a_limit_only(
    approved: Decimal, drawn: Decimal, repaid: Decimal, revolving: bool
):
    room = room_left(approved, drawn, repaid, revolving=revolving)
    assert room >= 0
    assert revolving or room == room_left(approved, drawn)
    assert not revolving or room >= room_left(approved, drawn)


@pytest.mark.parametrize(
    ("until", "open_"),
    [(None, True), (TODAY, True), (TODAY + dt.timedelta(days=1), True), (TODAY - dt.timedelta(days=1), False)],
)
def test_a_facility_is_available_to_its_last_day(until: dt.date | None, open_: bool):
    assert is_available(until, TODAY) is open_


@pytest.mark.parametrize(
    ("paid_on", "until", "tail", "months"),
    [
        (dt.date(2026, 1, 10), None, 0, 12),
        (dt.date(2026, 1, 10), dt.date(2027, 1, 10), 0, 12),
        (dt.date(2026, 1, 11), dt.date(2027, 1, 10), 0, 11),
        (dt.date(2026, 7, 10), dt.date(2027, 1, 10), 0, 6),
        (dt.date(2027, 1, 10), dt.date(2027, 1, 10), 0, 1),
        (dt.date(2027, 1, 10), dt.date(2027, 1, 10), 3, 3),
        (dt.date(2026, 12, 11), dt.date(2027, 1, 10), 3, 3),
        (dt.date(2026, 1, 31), dt.date(2026, 2, 28), 0, 1),
        (dt.date(2027, 2, 1), dt.date(2027, 1, 10), 3, 3),
    ],
)
def test_a_draw_ends_with_its_limit_and_the_tail_that_the_policy_leaves(
    paid_on: dt.date, until: dt.date | None, tail: int, months: int
):
    assert draw_term(12, paid_on, until, tail) == months


@given(st.integers(1, 60), st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 2000), st.integers(0, 24))
def test_no_draw_runs_beyond_the_tail_or_the_approved_term(term: int, paid_on: dt.date, days: int, tail: int):
    until = paid_on + dt.timedelta(days=days)
    months = draw_term(term, paid_on, until, tail)
    assert 1 <= months <= term
    assert months == 1 or add_months(paid_on, months) <= add_months(until, tail)


def test_identifiers_are_32_hexadecimal_characters_and_never_the_same():
    made = {new_end_to_end_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 32 and int(each, 16) >= 0 for each in made)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1200000.5", "CNY", "1200000.50"),
        ("500", "JPY", "500"),
        ("1.5", "KWD", "1.500"),
        ("0.01", "USD", "0.01"),
        ("7.0000", "JPY", "7"),
    ],
)
def test_amounts_have_exactly_the_places_of_their_currency(amount: str, currency: str, text: str):
    assert amount_text(Decimal(amount), currency) == text


def schema(shared: Path) -> etree.XMLSchema:
    """The bank's side of the standard."""
    return etree.XMLSchema(etree.parse(shared / "vectors/iso20022/pain.001.001.09.xsd"))


@pytest.mark.shared
def test_an_order_is_valid_pain_001_and_carries_amount_and_payee(shared: Path):
    document = etree.fromstring(pain_001(ORDER))
    schema(shared).assertValid(document)
    text = {etree.QName(each).localname: each.text for each in document.iter()}
    assert (text["InstdAmt"], text["CtrlSum"], text["NbOfTxs"]) == ("1200000.50", "1200000.50", "1")
    assert text["EndToEndId"] == ORDER.end_to_end_id
    assert "松花面包 & Co. <1>" in [each.text for each in document.iter()]


@pytest.mark.shared
def test_every_order_that_can_be_made_is_valid(shared: Path):
    judge = schema(shared)

    @given(
        WORDS, WORDS, st.sampled_from(sorted(MINOR_UNITS)), st.decimals(min_value="0.01", max_value=10**12, places=2)
    )
    def check(name: str, account: str, currency: str, amount: Decimal) -> None:
        whole = amount.quantize(Decimal(1)) + 1 if MINOR_UNITS[currency] == 0 else amount
        order = replace(
            ORDER, creditor_name=name, creditor_bank=name, creditor_account=account, amount=whole, currency=currency
        )
        judge.assertValid(etree.fromstring(pain_001(order)))

    check()


def test_equal_orders_give_equal_bytes():
    assert pain_001(ORDER) == pain_001(replace(ORDER))
    elsewhere = ORDER.made_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert pain_001(replace(ORDER, made_at=elsewhere)) == pain_001(ORDER)


@pytest.mark.parametrize(
    "change",
    [{"amount": Decimal("1200000.51")}, {"creditor_account": "6222021234567894418"}, {"end_to_end_id": "1" * 32}, {"currency": "USD"},
     {"execute_on": TODAY + dt.timedelta(days=1)}, {"creditor_name": "Somebody else"}],
)  # fmt: skip
def test_any_change_of_an_order_changes_its_digest(change: dict[str, Any]):
    assert digest(pain_001(replace(ORDER, **change))) != digest(pain_001(ORDER))
