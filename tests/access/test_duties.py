"""Separation of duties: the rules alone, by table and by property."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.access import duties
from apps.access.duties import SETTABLE, Duty


@dataclass(frozen=True)
class Done:
    """A duty done by a person."""

    person_id: int
    duty: str


all_duties = st.sampled_from(list(Duty))
done_rows = st.lists(st.builds(Done, st.integers(1, 4), all_duties))


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(Duty, 2)))
def test_every_two_duties_exclude_each_other(one: Duty, other: Duty) -> None:
    assert duties.exclusive(one, other)
    assert duties.excluded(one, [other]) is other


@pytest.mark.parametrize("duty", Duty)
def test_the_same_duty_may_be_done_again(duty: Duty) -> None:
    assert duties.excluded(duty, [duty]) is None


def test_verifying_and_reviewing_may_be_set_compatible() -> None:
    assert duties.excluded(Duty.VERIFIES, [Duty.REVIEWS], SETTABLE) is None
    assert duties.excluded(Duty.REVIEWS, [Duty.VERIFIES], SETTABLE) is None
    assert duties.excluded(Duty.PAYS, [Duty.VERIFIES], SETTABLE) is Duty.VERIFIES


@pytest.mark.parametrize("pair", [frozenset(pair) for pair in itertools.combinations(Duty, 2)])
def test_no_other_pair_can_be_loosened(pair: frozenset[Duty]) -> None:
    if pair in SETTABLE:
        return
    with pytest.raises(ValueError, match="only verifies and reviews"):
        duties.exclusive(*pair, compatible=[pair])


@given(duty=all_duties, done=done_rows, person=st.integers(1, 4))
def test_a_person_is_kept_off_by_their_own_other_duties_and_nothing_else(
    duty: Duty, done: list[Done], person: int
) -> None:
    found = duties.conflicts(duty, done, person)
    assert found == [row for row in done if row.person_id == person and row.duty != duty]
    own = [Duty(row.duty) for row in done if row.person_id == person]
    assert (duties.excluded(duty, own) is None) == (found == [])


@given(steps=st.lists(st.tuples(st.integers(1, 4), all_duties), max_size=40))
def test_whoever_acts_by_the_rules_ends_up_with_one_duty_each(steps: list[tuple[int, Duty]]) -> None:
    done: list[Done] = []
    for person, duty in steps:
        if not duties.conflicts(duty, done, person):
            done.append(Done(person, duty))
    for person in range(1, 5):
        assert len({row.duty for row in done if row.person_id == person}) <= 1


@given(
    steps=st.lists(st.tuples(st.integers(1, 4), all_duties), max_size=40),
)
def test_loosening_one_pair_allows_that_pair_alone(steps: list[tuple[int, Duty]]) -> None:
    done: list[Done] = []
    for person, duty in steps:
        if not duties.conflicts(duty, done, person, SETTABLE):
            done.append(Done(person, duty))
    for person in range(1, 5):
        mine = {Duty(row.duty) for row in done if row.person_id == person}
        assert len(mine) <= 1 or mine == {Duty.VERIFIES, Duty.REVIEWS}


@given(borrowers=st.sets(st.integers(1, 9)), tied=st.sets(st.integers(1, 9)))
def test_own_business_is_any_borrower_one_is_tied_to(borrowers: set[int], tied: set[int]) -> None:
    assert duties.own_business(borrowers, tied) == bool(borrowers & tied)
