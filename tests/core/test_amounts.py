"""Amounts as they are typed, in both languages of the house and with what people put beside them."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.core import figures
from apps.core.amounts import parse_amount

READ = {
    "1,200,000.50": "1200000.50", "1200000": "1200000", "1 200 000.50": "1200000.50", "1'200'000": "1200000",
    "1\u202f200\u00a0000": "1200000", "１，２００，０００．５０": "1200000.50", "12,0000": "120000", "120万": "1200000", "120 万": "1200000",
    "１２０万": "1200000", "120萬": "1200000", "1.2亿": "120000000", "1亿2000万": "120000000", "5千万": "50000000", "120万5000": "1205000",
    "1,200万元": "12000000", "¥1,200": "1200", "￥ 1200": "1200", "CNY 1200": "1200", "1200cny": "1200", "1200元": "1200", "人民币120万元": "1200000",
    "-5": "-5", "\u22125": "-5", "0.01": "0.01",
}  # fmt: skip
REFUSED = {
    "1.200.000,50": "begins the decimals", "1,20": "begins the decimals", "1 2": "begins the decimals", "1,200.": "begins the decimals",
    "12.5.5": "begins the decimals", "1,200 000": "begins the decimals", "USD 5": "in CNY", "$5": "in CNY", "5 €": "in CNY",
    "abc": "in digits", "": "in digits", "万": "in digits", "120万5": "in digits", "1万2亿": "in digits", "10²": "in digits", "½": "in digits",
    "1e5": "in digits", "NaN": "in digits", "Infinity": "in digits", "١٢٣": "in digits", "1200 ABC": "in digits", "1--2": "in digits",
    "\u202e21": "in digits", "<b>1</b>": "in digits", "9" * 41: "in digits",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("typed", "value"), READ.items())
def test_an_amount_is_read_as_it_is_meant(language: str, typed: str, value: str) -> None:
    with translation.override(language):
        assert parse_amount(typed, "CNY") == Decimal(value)


@pytest.mark.parametrize(("typed", "words"), REFUSED.items())
def test_what_could_be_meant_otherwise_is_asked_back(typed: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_amount(typed, "CNY")
    assert words in refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "currency"), [("US$ 5", "USD"), ("$5", "HKD"), ("5 EUR", "EUR"), ("£5", "GBP"), ("¥5", "JPY")]
)
def test_the_field_s_own_currency_may_stand_beside_it(typed: str, currency: str) -> None:
    assert parse_amount(typed, currency) == 5


def test_no_currency_is_taken_where_none_is_known() -> None:
    with pytest.raises(ValidationError):
        parse_amount("$5")


@given(st.decimals(min_value=0, max_value=10**13, places=2))
def test_what_the_house_writes_it_reads(value: Decimal) -> None:
    assert parse_amount(figures.amount(value, "CNY"), "CNY") == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    value = None
    with contextlib.suppress(ValidationError):
        value = parse_amount(text, "CNY")
    assert value is None or value.is_finite()


@given(st.integers(1, 9999), st.sampled_from(["万", "亿"]))
def test_units_of_chinese_are_ten_thousand_and_a_hundred_million(count: int, unit: str) -> None:
    assert parse_amount(f"{count}{unit}") == count * {"万": 10**4, "亿": 10**8}[unit]
