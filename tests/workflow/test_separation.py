"""The proof of separation: no path of the real process table lets fewer people reach payout than the design says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.access.duties import SETTABLE, Duty
from apps.workflow.process import TABLE, Event, Row, Who
from apps.workflow.states import State
from tests.workflow.separation import TIED, Bank, least_people, path_to_payout

DESIGNED = 4
"""What the design demands of every table and every setting."""
ON_THE_WAY = (Duty.PREPARES, Duty.REVIEWS, Duty.APPROVES, Duty.VERIFIES, Duty.PAYS, Duty.RELEASES)


def shown(way: list[str] | None) -> str:
    """A path for the eyes of who broke the table."""
    return "too few people reach payout:\n" + "\n".join(way or [])


def changed(event: Event, **given: object) -> list[Row]:
    """The table with all rows of one event changed."""
    return [replace(row, **given) if row.event == event else row for row in TABLE]


@pytest.mark.parametrize("secured", [False, True], ids=["unsecured", "secured"])
@pytest.mark.parametrize("delegation", [False, True], ids=["in person", "with delegations"])
def test_no_path_with_fewer_people_reaches_payout(secured: bool, delegation: bool) -> None:
    needed = len(ON_THE_WAY) + secured
    assert needed >= DESIGNED
    way = path_to_payout(Bank(secured=secured, delegation=delegation), needed - 1)
    assert way is None, shown(way)


@pytest.mark.parametrize("secured", [False, True], ids=["unsecured", "secured"])
def test_so_many_people_do_reach_it(secured: bool) -> None:
    needed, way = least_people(Bank(secured=secured))
    assert needed == len(ON_THE_WAY) + secured
    assert way[-1].startswith(Event.RELEASE_PAYMENT)


def test_letting_the_verifier_review_costs_one_person_and_no_more() -> None:
    needed, way = least_people(Bank(compatible=SETTABLE))
    assert needed == len(ON_THE_WAY) - 1 >= DESIGNED, shown(way)


@pytest.mark.parametrize("duty", ON_THE_WAY)
def test_the_search_finds_the_way_when_a_duty_is_dropped(duty: Duty) -> None:
    way = path_to_payout(Bank().without(duty), len(ON_THE_WAY) - 1)
    assert way is not None
    assert not any(f"({duty})" in line for line in way)


@pytest.mark.parametrize(
    "event", [Event.RECOMMEND_UNSECURED, Event.SIGN_LAST, Event.CONDITIONS_MET, Event.PREPARE_PAYMENT, Event.RELEASE_PAYMENT]
)  # fmt: skip
def test_the_search_finds_the_way_when_one_row_loses_its_duty(event: Event) -> None:
    assert path_to_payout(Bank(table=changed(event, duty=None)), len(ON_THE_WAY) - 1) is not None


def test_the_search_finds_the_way_when_the_appraiser_is_not_needed() -> None:
    bank = Bank(table=changed(Event.CONFIRM, duty=None), secured=True)
    assert path_to_payout(bank, len(ON_THE_WAY)) is not None


def test_a_withdrawn_draft_cannot_skip_intake_by_being_reopened() -> None:
    loose = Bank(table=changed(Event.REOPEN, guards=("reason_given", "consent_fresh")))
    way = path_to_payout(loose, len(ON_THE_WAY) - 1)
    assert way is not None, "without intake's checks the officer would not be needed"
    assert any(line.startswith(Event.REOPEN) for line in way)


def test_reopening_asks_for_all_that_submitting_and_accepting_ask_for() -> None:
    rows = {row.event: row for row in TABLE}
    asked = {*rows[Event.SUBMIT].guards, *rows[Event.ACCEPT].guards} - {"consents_given"}
    assert asked | {"consent_fresh"} <= set(rows[Event.REOPEN].guards)


def test_a_system_that_could_approve_would_be_found() -> None:
    table = [replace(row, who=Who.SYSTEM, duty=None) if row.event == Event.SIGN_LAST else row for row in TABLE]
    assert path_to_payout(Bank(table=table), len(ON_THE_WAY) - 1) is not None


def test_a_shortcut_around_approval_would_be_found() -> None:
    short = replace(next(row for row in TABLE if row.event == Event.RECOMMEND_UNSECURED), target=State.CONTRACTING)
    assert path_to_payout(Bank(table=[*TABLE, short]), len(ON_THE_WAY) - 1) is not None


def test_a_table_that_leads_nowhere_proves_nothing() -> None:
    table = [row for row in TABLE if row.event != Event.RELEASE_PAYMENT]
    with pytest.raises(AssertionError, match="leads nowhere"):
        least_people(Bank(table=table), 3)


def test_guards_that_the_search_ties_to_acts_stand_in_the_table() -> None:
    assert set(TIED) <= {name for row in TABLE for name in row.guards}
