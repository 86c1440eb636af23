"""The process table as data: complete, unambiguous and drawn from nowhere else."""

from __future__ import annotations

import pytest

from apps.access.duties import Duty
from apps.access.roles import ROLE_TABLE, SYSTEM_TABLE
from apps.workflow import process, registry
from apps.workflow.eligibility import WORK_OF
from apps.workflow.evidence import TAG_OF
from apps.workflow.process import BACK, CHOSEN, NEW, SAME, TABLE, Event, Row, Who
from apps.workflow.states import EARLIER_THAN, ENDED, OPEN, STAGE_OF, State


def targets(row: Row, source: str) -> set[str]:
    """States a row may lead to from a source."""
    if row.target == SAME:
        return {source}
    if row.target == CHOSEN:
        return set(EARLIER_THAN[source])
    if row.target == BACK:
        return {State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK, State.APPROVAL}
    return {row.target}


def test_every_event_stands_in_the_table() -> None:
    assert {row.event for row in TABLE} == set(Event)


def test_an_event_and_a_state_name_one_row() -> None:
    pairs = [(row.event, source) for row in TABLE for source in row.sources]
    assert len(pairs) == len(set(pairs))


def test_every_state_is_reached_from_nothing() -> None:
    reached, todo = set(), [NEW]
    while todo:
        source = todo.pop()
        for row in process.rows_from(source):
            for target in targets(row, source) - reached:
                reached.add(target)
                todo.append(target)
    assert reached == set(State)


@pytest.mark.parametrize("state", [state for state in State if state != State.COMPLETED])
def test_no_state_but_the_last_is_a_dead_end(state: State) -> None:
    assert any(targets(row, state) - {state} for row in process.rows_from(state))


def test_nothing_leaves_a_completed_case() -> None:
    assert process.rows_from(State.COMPLETED) == ()


def test_every_state_is_open_or_ended_and_has_a_stage_where_work_is_done() -> None:
    assert set(OPEN) | set(ENDED) == set(State)
    assert set(WORK_OF) == set(OPEN)
    assert set(OPEN) - {State.WAITING} <= set(STAGE_OF)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.event)
def test_somebody_holds_the_permission_of_every_row(row: Row) -> None:
    holders = SYSTEM_TABLE if row.who is Who.SYSTEM else ROLE_TABLE
    assert any(row.permission in permissions for permissions in holders.values())


def test_a_correction_of_what_the_recommendation_rests_on_leads_back_to_it() -> None:
    for state in (State.COLLATERAL_CHECK, State.APPROVAL):
        row = process.find(state, Event.CORRECT)
        assert row is not None
        assert (row.target, row.duty) == (State.CREDIT_REVIEW, Duty.PREPARES)


def test_an_approver_sends_back_with_a_fresh_factor_only() -> None:
    back = [row for row in process.rows_from(State.APPROVAL) if row.target == CHOSEN]
    assert [(row.event, row.step_up) for row in back] == [(Event.RETURN_SIGNED, True)]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.event)
def test_every_guard_of_a_row_is_registered(row: Row) -> None:
    assert set(row.guards) <= set(registry.guards)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.event)
def test_every_event_has_its_action_in_the_log(row: Row) -> None:
    assert row.event in TAG_OF


def test_acts_that_bind_the_bank_need_a_fresh_factor() -> None:
    binding = {row.event for row in TABLE if row.duty in {Duty.APPROVES, Duty.RELEASES}}
    assert binding == {row.event for row in TABLE if row.step_up}


def duties_laid(source: str, target: str) -> list[frozenset[str]]:
    """Duties that each way from one state to another lays on people, without loops; waiting only leads back to where it was."""
    found, todo = [], [(source, frozenset({source}), frozenset[str]())]
    while todo:
        state, seen, laid = todo.pop()
        for row in [each for each in process.rows_from(state) if each.target not in (BACK, State.WAITING)]:
            now = laid | ({row.duty} if row.duty else frozenset())
            for each in targets(row, state) - seen:
                (found.append(now) if each == target else todo.append((each, seen | {each}, now)))
    return found


def test_no_way_to_payout_passes_by_review_approval_and_verification() -> None:
    """Walked over the table itself: a row that led past the approvers or the reviewer would show as a way without them."""
    ways = duties_laid(State.DRAFT, State.PAYOUT)
    assert ways
    needed = {Duty.REVIEWS, Duty.APPROVES, Duty.VERIFIES}
    assert [sorted(way) for way in ways if not needed <= way] == []
    assert {row.duty for row in TABLE if row.event in {Event.PREPARE_PAYMENT, Event.RELEASE_PAYMENT}} == {
        Duty.PAYS,
        Duty.RELEASES,
    }


def test_a_system_row_never_lays_a_duty_on_anybody() -> None:
    assert all(row.duty is None for row in TABLE if row.who is not Who.PERSON)


def test_finding_an_unknown_pair_finds_nothing() -> None:
    assert process.find(State.COMPLETED, Event.SIGN) is None
