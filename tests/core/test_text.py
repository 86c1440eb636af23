"""What is taken out of a text before it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.text import parsed, plain, visible, whole_number

SHOWN = {
    "invoice\u202efdp.exe": "invoicefdp.exe", "A\u200bB": "AB", "\ufeffSong": "Song", "a\u00adb": "ab", "\u2066x\u2069": "x", "Ad\u200dmin": "Admin",
    "松\u200d花": "松花", "می\u200cخواهم": "می\u200cخواهم", "क्\u200dष": "क्\u200dष", "👩\u200d🌾": "👩\u200d🌾", "王秀英": "王秀英", "Ægir’s": "Ægir’s",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), SHOWN.items())
def test_what_disguises_goes_and_what_writing_needs_stays(typed: str, kept: str) -> None:
    assert visible(typed) == kept


@pytest.mark.parametrize("typed", ["\u200b", " \u2060 ", "\u202e\u202c", "\u200d"])
def test_a_text_that_nobody_sees_is_none(typed: str) -> None:
    assert plain(typed) == ""


def test_a_text_is_composed() -> None:
    assert plain("Cafe\u0301") == "Café"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None), ("", None), ("-1", None), ("²", None),
     ("٣", None), ("1e3", None), (" 7", None)],
)  # fmt: skip
def test_a_whole_number_of_an_address_is_plain_digits_that_fit_a_column(text: str, read: int | None) -> None:
    assert whole_number(text) == read


@pytest.mark.parametrize("text", ["", "{", "[" * 3000, "9" * 5000, '"' + "x" * 100_000 + '"', "\x00"])
def test_what_makes_no_sense_too_long_or_too_deep_is_nothing(text: str) -> None:
    assert parsed(text) is None


def test_what_makes_sense_is_read() -> None:
    assert parsed('{"a": [1]}') == {"a": [1]}
