"""What a later pass repeats: enough tests to send each statement several times, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from time import sleep

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.access.selectors import grants_live, role_names, subtrees
from tests.statements import Note, Notes, Pass, chosen, read, shape


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


NOTE = st.builds(Note, st.floats(0, 9), st.frozensets(st.sampled_from("uvwxyz")))
TESTS = st.text("abcdef", max_size=2)
NOTES = st.builds(
    Pass,
    st.dictionaries(TESTS, NOTE, max_size=12),
    st.dictionaries(st.sampled_from("mnop"), NOTE),
    st.dictionaries(TESTS, st.frozensets(st.sampled_from("mnop"))),
)


def sent_by(notes: Pass, tests: Iterable[str]) -> Counter[str]:
    """How often each statement is sent by some tests and what is set up for them."""
    asked = list(tests)
    worlds = {world for test in asked for world in notes.worlds_of(test)}
    each = [*(notes.tests[test] for test in asked), *(notes.worlds[world] for world in worlds)]
    return Counter(statement for note in each for statement in note.sent)


@given(NOTES, st.integers(1, 4))
def test_each_statement_is_sent_often_enough_or_by_all_who_send_it(notes: Pass, times: int) -> None:
    sent, again = sent_by(notes, notes.tests), sent_by(notes, chosen(notes, times=times))
    assert all(again[each] >= min(times, often) for each, often in sent.items())


@given(NOTES, st.integers(1, 4))
def test_a_test_is_taken_for_what_it_sends_or_not_at_all(notes: Pass, times: int) -> None:
    assert all(sent_by(notes, [test]) for test in chosen(notes, times=times))


@given(NOTES, st.sets(TESTS))
def test_what_runs_always_is_taken_where_it_was_noted(notes: Pass, always: set[str]) -> None:
    assert always & notes.tests.keys() <= chosen(notes, always) <= notes.tests.keys()


def noted(*worlds: tuple[str, float, str], **tests: tuple[float, str]) -> Pass:
    """Notes of tests and of worlds; a test uses the world that its name begins with (``m_a``)."""
    return Pass(
        {name: Note(seconds, frozenset(sent)) for name, (seconds, sent) in tests.items()},
        {module: Note(seconds, frozenset(sent)) for module, seconds, sent in worlds},
        {name: frozenset([name.partition("_")[0]]) for name in tests},
    )


def test_the_cheaper_of_two_alike_is_taken() -> None:
    assert chosen(noted(m_slow=(9, "a"), m_fast=(0.1, "a"))) == {"m_fast"}


def test_what_others_together_send_as_well_is_left_out_again() -> None:
    notes = noted(m_first=(0.1, "abcd"), m_left=(0.2, "abe"), m_right=(0.2, "cdf"))
    assert chosen(notes) == {"m_left", "m_right"}
    assert chosen(notes, ["m_first"]) == {"m_first", "m_left", "m_right"}
    assert chosen(notes, times=2) == {"m_first", "m_left", "m_right"}


def test_what_runs_always_counts() -> None:
    assert chosen(noted(m_slow=(9, "ab"), m_fast=(0.1, "a")), ["m_slow"]) == {"m_slow"}


def test_a_world_that_is_made_anyway_costs_less_than_one_that_would_be() -> None:
    notes = noted(("m", 2, ""), ("n", 2, "c"), m_first=(0.1, "abc"), m_other=(1, "d"), n_cheap=(0.5, "d"))
    assert chosen(notes) == {"m_first", "m_other"}
    assert chosen(notes, ["n_cheap"]) == {"n_cheap", "m_first"}


def test_what_is_shared_is_sent_with_the_first_test_that_uses_it() -> None:
    assert chosen(noted(("m", 1, "ab"), m_a=(0.1, "c"), n_b=(5, "abc"))) == {"m_a"}


def test_a_test_that_uses_nothing_shared_sends_nothing_of_it() -> None:
    assert chosen(noted(("m", 1, "w"), m_uses=(0.1, "a"), plain=(0.1, "a")), ["plain"]) == {"plain", "m_uses"}


@pytest.mark.django_db
def test_notes_hold_what_a_test_sends_and_come_back_from_their_file(tmp_path: Path) -> None:
    notes = Notes()
    with connection.execute_wrapper(notes._noted):
        notes.begin()
        subtrees(["/1/"])
        notes.end("first", 0.5)
        notes.begin()
        subtrees(["/22/"])
        Session.objects.filter(pk="x").update(session_data="y")
        notes.end("second", 0.25)
    notes.write(tmp_path / "main.json")
    back = read(tmp_path)
    assert back == notes.kept
    first, second = back.tests["first"].sent, back.tests["second"].sent
    assert (len(first), len(second), first < second) == (1, 2, True)


@pytest.mark.django_db
def test_what_is_shared_is_noted_apart_and_told_from_what_is_inside_it(tmp_path: Path) -> None:
    notes = Notes()
    with connection.execute_wrapper(notes._noted):
        notes.begin()
        subtrees(["/1/"])
        with notes.shared("module"):
            subtrees(["/1/", "/2/"])
            with notes.shared("run"):
                subtrees(["/1/", "/2/", "/3/"])
                sleep(0.05)
        notes.end("module::test", 0.04)
    notes.write(tmp_path / "main.json")
    back = read(tmp_path)
    module, run, test = back.worlds["module"], back.worlds["run"], back.tests["module::test"]
    assert [len(note.sent) for note in (module, run, test)] == [1, 1, 1]
    assert not (module.sent & run.sent) | (module.sent & test.sent)
    assert run.seconds >= 0.05 > module.seconds
    assert test.seconds == 0


@pytest.mark.django_db
def test_what_a_test_asks_by_itself_is_not_noted_and_what_it_writes_is() -> None:
    notes = Notes()
    with connection.execute_wrapper(notes._noted):
        notes.begin()
        Session.objects.count()
        notes.end("reads", 0)
        notes.begin()
        Session.objects.filter(pk="x").update(session_data="y")
        notes.end("writes", 0)
        notes.begin()
        list(map(role_names, [1]))  # by way of the interpreter
        notes.end("has the product ask", 0)
        notes.begin()
        list(grants_live())
        notes.end("reads what the product has made ready", 0)
    assert {test: bool(note.sent) for test, note in notes.kept.tests.items()} == {
        "reads": False,
        "writes": True,
        "has the product ask": True,
        "reads what the product has made ready": True,
    }


def test_of_several_processes_the_one_that_waited_least_knows_what_a_world_costs(tmp_path: Path) -> None:
    for name, seconds, sent in (("a", 5, "x"), ("b", 2, "y")):
        notes = Notes()
        notes.kept = noted(("m", seconds, sent))
        notes.write(tmp_path / f"{name}.json")
    assert read(tmp_path).worlds == {"m": Note(2, frozenset("xy"))}
