"""The proof on the real tables, and on weakened copies of each of their rules: the search must find what was loosened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.access.administration import HANDING, RULES, Change, Gives, Rule, To
from apps.access.duties import SETTABLE, Duty
from apps.access.roles import POWERFUL
from apps.core.permissions import Permission
from apps.workflow.process import NEW, TABLE, Event, Row, Who
from apps.workflow.proof.bank import TIED, Bank, Delegation
from apps.workflow.proof.lines import words
from apps.workflow.proof.report import GOAL
from apps.workflow.proof.search import LeadsNowhere, Way, least_people, way_to_payout
from apps.workflow.states import State

ON_THE_WAY = (Duty.PREPARES, Duty.REVIEWS, Duty.APPROVES, Duty.VERIFIES, Duty.PAYS, Duty.RELEASES)
IN_PERSON = Bank(rules=None)
LOOSE = Permission.CASE_VIEW
"""A permission that everybody on cases holds: whatever is asked with it is asked by anybody."""


def shown(way: Way | None) -> str:
    """A way for the eyes of who broke a rule."""
    return "too few people reach payout:\n" + "\n".join(map(words, way or ()))


def changed(event: Event, **given: Any) -> list[Row]:
    """The table with all rows of one event changed."""
    return [replace(row, **given) if row.event == event else row for row in TABLE]


def ruled(change: Change, **given: Any) -> Bank:
    """The bank with one row of the administration's rules changed."""
    return Bank(rules={**RULES, change: replace(RULES[change], **given)})


def weight(bank: Bank) -> tuple[int, int]:
    """What the offenders need: people first, then lines."""
    people, way = least_people(bank)
    return people, len(way)


@pytest.mark.parametrize("secured", [False, True], ids=["unsecured", "secured"])
@pytest.mark.parametrize("delegation", list(Delegation))
def test_no_path_of_the_real_tables_lets_fewer_than_four_people_reach_payout(
    secured: bool, delegation: Delegation
) -> None:
    way = way_to_payout(Bank(secured=secured, delegation=delegation, compatible=SETTABLE), GOAL - 1)
    assert way is None, shown(way)


@pytest.mark.parametrize("secured", [False, True], ids=["unsecured", "secured"])
def test_where_nobody_is_invented_it_takes_one_person_for_each_duty(secured: bool) -> None:
    needed, way = least_people(replace(IN_PERSON, secured=secured))
    assert needed == len(ON_THE_WAY) + secured, shown(way)
    assert way[-1].what == Event.RELEASE_PAYMENT


def test_letting_the_verifier_review_costs_one_person_and_no_more() -> None:
    needed, way = least_people(replace(IN_PERSON, compatible=SETTABLE))
    assert needed == len(ON_THE_WAY) - 1, shown(way)


def test_who_prepared_a_payment_does_not_release_it_even_where_duties_are_gone() -> None:
    bank = IN_PERSON
    for duty in Duty:
        bank = bank.without(duty)
    assert way_to_payout(bank, 1) is None
    assert way_to_payout(bank, 2) is not None


@pytest.mark.parametrize("duty", ON_THE_WAY)
def test_the_search_finds_the_way_when_a_duty_is_dropped(duty: Duty) -> None:
    way = way_to_payout(IN_PERSON.without(duty), len(ON_THE_WAY) - 1)
    assert way is not None
    assert duty not in {line.duty for line in way}


@pytest.mark.parametrize(
    "event", [Event.RECOMMEND_UNSECURED, Event.SIGN_LAST, Event.CONDITIONS_MET, Event.PREPARE_PAYMENT, Event.RELEASE_PAYMENT]
)  # fmt: skip
def test_the_search_finds_the_way_when_one_row_loses_its_duty(event: Event) -> None:
    assert way_to_payout(replace(IN_PERSON, table=changed(event, duty=None)), len(ON_THE_WAY) - 1) is not None


def test_the_search_finds_the_way_when_the_appraiser_is_not_needed() -> None:
    bank = replace(IN_PERSON, table=changed(Event.CONFIRM, duty=None), secured=True)
    assert way_to_payout(bank, len(ON_THE_WAY)) is not None


LEADING_ON = [
    number for number, row in enumerate(TABLE)
    if set(row.sources) - {State.PAYOUT, State.ACTIVE} and row.target != State.PAYOUT
]  # fmt: skip


@pytest.mark.parametrize("number", LEADING_ON, ids=lambda number: f"{number}-{TABLE[number].event}")
def test_a_row_that_led_straight_to_payout_would_be_found(number: int) -> None:
    table = [replace(row, target=State.PAYOUT, guards=()) if at == number else row for at, row in enumerate(TABLE)]
    secured = "secured" in TABLE[number].guards or TABLE[number].sources == (State.COLLATERAL_CHECK,)
    bank = replace(IN_PERSON, secured=secured)
    assert way_to_payout(replace(bank, table=table), len(ON_THE_WAY) + secured - 1) is not None


def test_a_withdrawn_draft_cannot_skip_intake_by_being_reopened() -> None:
    loose = replace(IN_PERSON, table=changed(Event.REOPEN, guards=("reason_given", "consent_fresh")))
    way = way_to_payout(loose, len(ON_THE_WAY) - 1)
    assert way is not None, "without intake's checks the officer would not be needed"
    assert Event.REOPEN in {line.what for line in way}


def test_reopening_asks_for_all_that_submitting_and_accepting_ask_for() -> None:
    rows = {row.event: row for row in TABLE}
    asked = {*rows[Event.SUBMIT].guards, *rows[Event.ACCEPT].guards} - {"consents_given"}
    assert asked | {"consent_fresh"} <= set(rows[Event.REOPEN].guards)


def test_a_system_that_could_approve_would_be_found() -> None:
    table = [replace(row, who=Who.SYSTEM, duty=None) if row.event == Event.SIGN_LAST else row for row in TABLE]
    assert way_to_payout(replace(IN_PERSON, table=table), len(ON_THE_WAY) - 1) is not None


def test_a_table_that_leads_nowhere_proves_nothing() -> None:
    table = [row for row in TABLE if row.event != Event.RELEASE_PAYMENT]
    with pytest.raises(LeadsNowhere, match="leads nowhere"):
        least_people(replace(IN_PERSON, table=table), 2)


def test_guards_that_the_search_ties_to_acts_stand_in_the_table() -> None:
    assert set(TIED) <= {name for row in TABLE for name in row.guards}


def _nothing(_roles: object) -> None:
    return None


GRANT = RULES[Change.POWERFUL_ROLE]
LOOSENED: dict[str, tuple[Bank, int]] = {
    **{
        f"nobody agrees by {each}": (ruled(Change.POWERFUL_ROLE, agree=tuple(p for p in GRANT.agree if p != each)), 3)
        for each in GRANT.agree
    },
    "who asks may agree": (ruled(Change.POWERFUL_ROLE, apart=False), 1),
    "anybody asks for power": (ruled(Change.POWERFUL_ROLE, asks=LOOSE, agree=()), 1),
    "power counts before enrolment": (ruled(Change.POWERFUL_ROLE, enrolled=False), 4),
    "nothing is powerful": (Bank(powerful=frozenset()), 1),
    "anybody invites and gives roles": (
        Bank(rules={**RULES, Change.INVITE: Rule(LOOSE, gives=Gives.PERSON), Change.ROLE: Rule(LOOSE, gives=Gives.ROLE)}), 4,
    ),
    "links go to who asks": (ruled(Change.REINVITE, to=To.ASKER), 1),
    "new factors go to who asks": (ruled(Change.FACTOR_RESET, to=To.ASKER), 2),
    "an administrator moves mailboxes": (ruled(Change.MAILBOX, asks=Permission.PEOPLE_INVITE), 2),
    "an administrator alone resets a factor, mailboxes moved by two": (
        Bank(rules={**RULES, Change.FACTOR_RESET: replace(RULES[Change.FACTOR_RESET], agree=()),
                    Change.MAILBOX: Rule(Permission.PEOPLE_INVITE, (Permission.ROLE_APPROVE,), Gives.MAILBOX)}), 2,
    ),
    "a recovered administrator may be anybody": (ruled(Change.RECOVER, trusted=False), 2),
    "a recovered administrator may be anybody, and nobody stands behind it": (
        ruled(Change.RECOVER, trusted=False, behind=0), 2,
    ),
    "who administers may approve and pay": (Bank(incompatible=_nothing), 4),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOSENED)
def test_the_search_finds_the_way_when_a_rule_of_administration_is_loosened(name: str) -> None:
    bank, expected = LOOSENED[name]
    people, lines = weight(bank)
    assert people == expected
    assert (people, lines) < weight(Bank())


@pytest.mark.parametrize("role", sorted(POWERFUL))
def test_no_role_on_the_way_can_lose_its_second_eyes_unseen(role: str) -> None:
    paying = {"approver_1", "approver_2", "approver_3", "disbursement_reviewer", "payment_maker", "payment_checker"}
    agreeing = {"administrator", "team_lead", "head_of_credit", "compliance_officer", "security_officer"}
    seen = weight(Bank(powerful=POWERFUL - {role})) < weight(Bank())
    assert seen is (role in paying | agreeing)


def test_every_rule_that_gives_something_has_its_loosened_copy() -> None:
    giving = {change for change, rule in RULES.items() if rule.gives not in (Gives.NOTHING, Gives.PLACE)}
    loosened = {
        change
        for bank, _people in LOOSENED.values()
        for change, rule in (bank.rules or {}).items()
        if rule != RULES[change]
    }
    assert giving == loosened


HANDED: dict[str, tuple[Any, Delegation]] = {
    "administering may be handed over": (replace(HANDING, never=frozenset()), Delegation.OUTSIDE),
    "nobody agrees to power handed over": (replace(HANDING, second=None), Delegation.OUTSIDE),
    "the duty is not laid on the principal": (replace(HANDING, lays_on_principal=False), Delegation.AMONG),
    "the principal's duties are not looked at": (replace(HANDING, checks_principal=False), Delegation.AMONG),
}


@pytest.mark.parametrize("name", HANDED)
def test_the_search_finds_the_way_when_a_rule_of_delegation_is_loosened(name: str) -> None:
    handing, delegation = HANDED[name]
    assert weight(Bank(handing=handing, delegation=delegation)) < weight(Bank(delegation=delegation))


@pytest.mark.parametrize("loose", [{"lays_on_deputy": False}, {"checks_deputy": False}], ids=str)
def test_the_search_finds_the_way_when_a_deputy_is_not_bound(loose: dict[str, bool]) -> None:
    bank = replace(IN_PERSON, delegation=Delegation.OUTSIDE, handing=replace(HANDING, **loose))
    assert way_to_payout(bank, len(ON_THE_WAY) - 1) is not None


def test_delegation_adds_nothing_for_who_act_in_person() -> None:
    for delegation in Delegation:
        bank = replace(IN_PERSON, compatible=SETTABLE, delegation=delegation)
        assert way_to_payout(bank, len(ON_THE_WAY) - 2) is None


def test_a_way_begins_at_nothing_and_names_each_offender_by_a_letter() -> None:
    people, way = least_people(Bank(rules=None))
    assert way[0].source == NEW
    assert {line.who for line in way} >= set("ABCDEF"[:people])
