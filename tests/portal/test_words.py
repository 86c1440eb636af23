"""What borrowers are told: every state has its words, and none of them is the institution's own."""

from __future__ import annotations

import pytest

from apps.portal import words
from apps.workflow.states import ENDED, State

INSIDE = ("grade", "score", "analyst", "approver", "collateral check", "committee", "memo")


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_step_and_a_sentence(state: State) -> None:
    assert str(words.step_label(state))
    sentence = str(words.awaited(state))
    assert sentence.endswith(".")
    assert not any(word in sentence.lower() for word in INSIDE)


@pytest.mark.parametrize("state", [State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK, State.APPROVAL])
def test_the_review_is_one_step_whatever_happens_inside(state: State) -> None:
    assert str(words.step_label(state)) == "Review"
    assert words.awaited(state) is words.REVIEWED
    assert not words.is_yours(state)


@pytest.mark.parametrize("state", State)
def test_the_way_has_one_present_step_and_no_gap(state: State) -> None:
    statuses = [step.status for step in words.steps(state)]
    if state in ENDED and state != State.COMPLETED:
        assert statuses == []
    elif state == State.COMPLETED:
        assert set(statuses) == {"done"}
    else:
        assert statuses.count("now") == 1
        assert statuses == sorted(statuses, key=["done", "now", ""].index)


def test_a_borrower_has_to_act_in_two_states_only() -> None:
    assert {state for state in State if words.is_yours(state)} == {State.WAITING, State.OFFERED}
