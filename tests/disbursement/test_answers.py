"""Reading a bank's file of answers."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import BadInput
from apps.disbursement.answers import LARGEST, MOST_LINES, read

HEADING = b"end_to_end_id,status,value_on,bank_reference\n"


def test_a_line_is_read_whole_whatever_the_order_of_columns():
    one = read(b"\xef\xbb\xbfbank_reference,value_on,extra,status,end_to_end_id\r\n B-1 ,2026-05-04,x,PAID,abc\r\n")[0]
    assert (one.line, one.end_to_end_id, one.status, one.value_on, one.bank_reference) == (
        2,
        "abc",
        "paid",
        dt.date(2026, 5, 4),
        "B-1",
    )
    assert not one.problem


def test_a_rejected_order_needs_no_day():
    assert read(HEADING + b"abc,rejected,,B-2\n")[0].value_on is None


def test_a_short_line_is_read_as_empty_fields():
    one = read(HEADING + b"abc\n")[0]
    assert (one.status, one.bank_reference) == ("", "")


@pytest.mark.parametrize("day", ["31.12.2026", "2026-02-30", "tomorrow", "2026-13-01"])
def test_an_impossible_day_is_named_on_its_line_only(day: str):
    first, second = read(HEADING + f"abc,paid,{day},B\nabd,paid,2026-05-04,B\n".encode())
    assert "2026-01-31" in str(first.problem)
    assert not second.problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n ", "empty"),
        (HEADING + b"a\x00c,paid,,\n", "damaged"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"end_to_end_id,status\nabc,paid\n", "value_on, bank_reference"),
        (b"just words", "heading lacks"),
        (b"x" * (LARGEST + 1), "2 MB"),
        (HEADING + b'abc,"paid,,\n', "Line"),
        (HEADING + b"abc,paid,,\n" * (MOST_LINES + 1), "5000"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(content: bytes, words: str):
    with pytest.raises(BadInput, match=words):
        read(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes):
    try:
        read(HEADING + content)
    except BadInput:
        return


@pytest.mark.shared
def test_naughty_strings_are_read_or_refused(shared: Path):
    for text in json.loads((shared / "vectors/hostile/blns.json").read_text()):
        try:
            lines = read(HEADING + f"{text},{text},{text},{text}\n".encode("utf-8", "surrogatepass"))
        except BadInput:
            continue
        assert all(line.problem or line.value_on is None for line in lines)
