"""Signed notes are read and written as everybody else's tools do; nothing that was changed is believed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from apps.audit import heads, notes
from apps.audit.heads import Head
from apps.audit.notes import COSIGNATURE, BadNote, Key

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Key("loanflow/test", notes.public_of(PRIVATE))
WITNESS = Key("witness.example", notes.public_of(PRIVATE), COSIGNATURE)
TEXT = "loanflow/test\n7\nnothing\n"
SIGNED = notes.written(
    TEXT,
    [
        notes.signature_line(TEXT, KEY.name, PRIVATE),
        notes.cosignature_line(TEXT, WITNESS.name, PRIVATE, 1_800_000_000),
    ],
)

# the example of Go's package note, which everybody follows
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANNS_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_that_others_signed_is_believed():
    key = Key.parsed(NEUMANN)
    assert key.text() == NEUMANN
    assert notes.parse(NEUMANNS_NOTE).signed_by(key)
    assert not notes.parse(NEUMANNS_NOTE.replace("problem is", "problem was")).signed_by(key)


def test_each_signature_is_for_its_own_key_and_kind():
    note = notes.parse(SIGNED)
    assert note.text == TEXT
    assert (note.signed_by(KEY), note.cosigned_at(WITNESS)) == (True, 1_800_000_000)
    assert (note.signed_by(WITNESS), note.cosigned_at(KEY)) == (False, None)
    for other in (KEY._replace(name="other"), KEY._replace(public=bytes(32)), KEY._replace(public=b"short")):
        assert not note.signed_by(other)


@given(st.data())
def test_no_character_of_a_note_changes_unnoticed(data: st.DataObject):
    at = data.draw(st.integers(0, len(SIGNED) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]))
    changed = SIGNED[:at] + other + SIGNED[at + 1 :]
    try:
        note = notes.parse(changed)
    except BadNote:
        return
    assert changed == SIGNED or not (note.signed_by(KEY) and note.cosigned_at(WITNESS) == 1_800_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no signature\n",
        "no signature\n\n",
        "a\n\nno dash name AAAAAAAA\n",
        "a\n\n\u2014 name\n",
        "a\n\n\u2014 name AAAA\n",
        "a\n\n\u2014 name !!!!\n",
        "a\n\n\u2014 na+me AAAAAAAA\n",
        "a\n\n\u2014 name AAAAAAAA",
        "a\n\n" + "\u2014 name AAAAAAAA\n" * 101,
    ],
)
def test_what_is_no_note_is_refused(text: str):
    with pytest.raises(BadNote):
        notes.parse(text)


@pytest.mark.parametrize(
    "text", ["", "a+b+c", NEUMANN.replace("c7", "c8"), NEUMANN.replace("ARpc", "AXpc"), "a b+" + NEUMANN[13:], KEY.name]
)
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(BadNote):
        Key.parsed(text)


@pytest.mark.parametrize("text", ["no newline", "an\n\nempty line\n"])
def test_what_cannot_be_signed_is_refused(text: str):
    with pytest.raises(BadNote):
        notes.written(text, [])


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_no_key_may_have_is_refused(name: str):
    with pytest.raises(BadNote):
        notes.signature_line(TEXT, name, PRIVATE)


hashes = st.binary(min_size=32, max_size=32)
moments = st.datetimes(dt.datetime(2000, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 - the zone is given beside


@given(st.builds(Head, st.just("loanflow/x"), st.integers(0, 2**60), hashes, hashes, hashes, moments,
                 st.none() | st.integers(-(10**12), 10**12)))  # fmt: skip
def test_a_head_is_read_as_it_was_written(head: Head):
    assert Head.parsed(head.text()) == head


HEAD = Head("loanflow/x", 12, b"r" * 32, b"m" * 32, b"n" * 32, dt.datetime(2026, 1, 2, tzinfo=dt.UTC), -1_250_000)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12\n", "012\n"),
        ("12\n", "-1\n"),
        ("map ", "Map "),
        ("clock -1.250000", "clock -1.25"),
        ("clock -1.250000", "clock -01.250000"),
        ("clock -1.250000", "clock"),
        ("time 2026-01-02T00:00:00.000000Z", "time 2026-01-02T00:00:00.000000"),
        ("time 2026-01-02T00:00:00.000000Z", "time yesterday"),
        ("loanflow/x", "loan flow"),
        ("numbers bm5u", "numbers !m5u"),
        ("numbers bm5u", "numbers bm5ubm5u"),
        ("\nmap", "\nextra line\nmap"),
    ],
)
def test_a_head_is_spelled_in_one_way(old: str, new: str):
    assert old in HEAD.text()
    with pytest.raises(BadNote):
        Head.parsed(HEAD.text().replace(old, new))


def test_the_head_of_nothing_and_an_unknown_clock():
    head: Any = heads.first("loanflow/x", HEAD.at)
    assert (head.size, head.offset, Head.parsed(head.text())) == (0, None, head)
    assert head.text().endswith("clock unknown\n")


def test_a_log_is_named_after_its_first_key():
    assert heads.origin_of(KEY.public) == heads.origin_of(KEY.public) != heads.origin_of(bytes(32))
    assert notes.is_name(heads.origin_of(KEY.public))


def test_the_digest_of_numbers_depends_on_each_and_on_their_order():
    def over(*events: int) -> bytes:
        found = heads.NO_NUMBERS
        for event in events:
            found = heads.numbered(found, event)
        return found

    assert len({over(), over(1), over(1, 2), over(2, 1), over(1, 3), over(1, 2, 3)}) == 6
