"""Bodies are spelled the one way that RFC 8785 knows, whatever they hold."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.canonical import LARGEST, NotCanonical, canonical, digest, moment, parsed, plain

scalars = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(
    st.characters(exclude_categories=["Cs"])), inner), max_leaves=25)  # fmt: skip


@given(documents)
def test_plain_documents_are_spelled_as_the_reference_library_spells_them(document: Any):
    assert canonical(document).encode() == rfc8785.dumps(document)


@given(documents)
def test_spelling_is_a_fixed_point(document: Any):
    text = canonical(plain(document))
    assert canonical(json.loads(text)) == text


@given(documents)
def test_a_canonical_text_is_read_as_what_was_written(document: Any):
    assert parsed(canonical(document)) == document


@given(documents, st.data())
def test_no_other_spelling_is_read(document: Any, data: st.DataObject):
    other = data.draw(
        st.sampled_from(
            [
                json.dumps(document, ensure_ascii=False),
                json.dumps(document, separators=(",", ":"), sort_keys=True),
                json.dumps(document, ensure_ascii=False, separators=(",", ":")),
                canonical(document).replace("1", "1.0", 1),
                canonical(document).replace("\\u00", "\\U00"),
                canonical(document) + " ",
            ]
        )
    )
    if other == canonical(document):
        assert parsed(other) == document
    elif "1.0" not in other:  # else it may stand in a text
        with pytest.raises(NotCanonical):
            parsed(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1.0",
        "1e2",
        "1E400",
        "-0",
        "01",
        "NaN",
        "-Infinity",
        "18446744073709551616.0",
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        '{"a":[1,2.5]}',
        '"\\u0041"',
        '"\\u001F"',
        '"\\/"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '{"\uffff":1,"\U00010000":2}',
        '{"é":1,"z":2}',
        "[" * 100_000,
        "[" * 3000 + "]" * 3000 + " ",
    ],
)
def test_what_is_spelled_otherwise_is_refused(text: str):
    with pytest.raises(NotCanonical):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551616", 2**64),
        ("-9223372036854775809", -(2**63) - 1),
        ('{"\U00010000":2,"\uffff":1}', {"\U00010000": 2, "\uffff": 1}),
        ('{"z":2,"é":1}', {"z": 2, "é": 1}),
        ('"\\u001f\\b\x7f\u2028"', "\x1f\b\x7f\u2028"),
        ("[]", []),
    ],
)
def test_the_one_spelling_is_read(text: str, value: Any):
    assert parsed(text) == value


@given(st.recursive(st.floats() | st.decimals() | st.binary() | st.text() | st.integers() | st.uuids() | st.datetimes(),
                    lambda inner: st.lists(inner) | st.sets(st.text()), max_leaves=10))  # fmt: skip
def test_anything_becomes_plain_and_storable(value: Any):
    text = canonical(plain(value))
    assert "\\u0000" not in text
    assert text.encode().decode() == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1200000.50"), "1200000.50"),
        (1.5, "1.5"),
        (LARGEST, LARGEST),
        (LARGEST + 1, str(LARGEST + 1)),
        (-LARGEST - 1, str(-LARGEST - 1)),
        (True, True),
        (None, None),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        (uuid.UUID(int=1), "0" * 31 + "1"),
        (dt.date(2026, 11, 22), "2026-11-22"),
        (dt.time(1, 2), "01:02:00"),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=8))), "2026-01-01T19:00:00.000000Z"),
        (dt.datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),  # noqa: DTZ001 - a naive moment stays naive
        (b"abc", {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}),
        ({"b", "a"}, ["a", "b"]),
        ((1, (2,)), [1, [2]]),
        ({1: Decimal(2)}, {"1": "2"}),
    ],
)
def test_values_are_written_without_loss(value: Any, written: Any):
    assert plain(value) == written


def test_moments_always_have_the_same_length():
    assert moment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == "2026-01-01T00:00:00.000000Z"


def test_digest_is_of_the_utf8_bytes():
    assert digest("借款人") == "996c77676445130845937aa0ebf03f014d24f43516480fbb7accaf550bf6a218"
    assert len(digest("")) == 64


def test_others_vectors_hold(shared: Path):
    checked = 0
    for source in sorted((shared / "vectors" / "jcs" / "input").glob("*.json")):
        value = json.loads(source.read_text())
        if _holds_fraction(value):
            continue
        expected = (shared / "vectors" / "jcs" / "output" / source.name).read_text()
        assert canonical(value) == expected, source.name
        checked += 1
    assert checked >= 3


def _holds_fraction(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_fraction, value.values()))
    if isinstance(value, list):
        return any(map(_holds_fraction, value))
    return isinstance(value, float)
