"""What a later pass repeats: enough tests to send each statement several times, and no more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Branch
from tests.statements import Note, Notes, chosen, read, shape


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE id IN (%s)", "SELECT a FROM t WHERE id IN (%s, %s, %s)"),
        ("INSERT INTO t (a, b) VALUES (%s, %s)", "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)"),
        ("SELECT a FROM t LIMIT 21", "SELECT a FROM t LIMIT 5"),
        ("SELECT a FROM t WHERE b = 'it''s'", "SELECT a FROM t WHERE b = 'one'"),
    ],
)
def test_values_make_no_other_statement(one: str, other: str) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t", "SELECT b FROM t"),
        ("SELECT a FROM t WHERE b = %s", "SELECT a FROM t WHERE b <> %s"),
        ("SELECT a FROM t1", "SELECT a FROM t2"),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"),
    ],
)
def test_anything_else_does(one: str, other: str) -> None:
    assert shape(one) != shape(other)


NOTES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(Note, st.floats(0, 9), st.frozensets(st.sampled_from("uvwxyz"))),
    max_size=12,
)


@given(NOTES, st.integers(1, 4))
def test_each_statement_is_sent_often_enough_or_by_all_who_send_it(notes: dict[str, Note], times: int) -> None:
    taken = chosen(notes, times=times)
    sent = Counter(each for note in notes.values() for each in note.sent)
    again = Counter(each for test in taken for each in notes[test].sent)
    assert all(again[each] >= min(times, often) for each, often in sent.items())


@given(NOTES, st.integers(1, 4))
def test_a_test_is_taken_for_what_it_sends_or_not_at_all(notes: dict[str, Note], times: int) -> None:
    assert all(notes[test].sent for test in chosen(notes, times=times))


def test_the_cheaper_of_two_alike_is_taken() -> None:
    notes = {"slow": Note(9, frozenset("a")), "fast": Note(0.1, frozenset("a"))}
    assert chosen(notes, times=1) == {"fast"}


def test_what_runs_always_counts() -> None:
    notes = {"slow": Note(9, frozenset("ab")), "fast": Note(0.1, frozenset("a"))}
    assert chosen(notes, ["slow"], times=1) == {"slow"}


@pytest.mark.django_db
def test_notes_hold_what_a_test_sends_and_come_back_from_their_file(tmp_path: Path) -> None:
    notes = Notes()
    with connection.execute_wrapper(notes._noted):
        notes.begin()
        Branch.objects.filter(pk=1).exists()
        notes.end("first", 0.5)
        notes.begin()
        Branch.objects.filter(pk=22).exists()
        Branch.objects.count()
        notes.end("second", 0.25)
    notes.write(tmp_path / "main.json")
    back = read(tmp_path)
    assert back == notes.kept
    assert len(back["first"].sent) == 1
    assert back["first"].sent < back["second"].sent
    assert len(back["second"].sent) == 2
