"""``can()``: by role, by exclusion, by scope, by policy, in this order; and what a refusal says."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.access import policies
from apps.access.policies import EXCLUSIONS, POLICIES, borrower_of, branch_of, in_scope
from apps.access.roles import ROLE_TABLE, SYSTEM_TABLE, WITHIN_ENGAGEMENT, Role, incompatible, permissions_of
from apps.access.services import authorize, can
from apps.audit.services import act
from apps.core.actor import Actor, ActorKind, HeldRole
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
from tests.access.objects import Business, Thing
from tests.accounts.factories import SETUP
from tests.accounts.log import newest

P = Permission
BRANCH, OTHER = 7, 8


def person(*roles: str, branches: frozenset[int] | None = frozenset({BRANCH}), **facts: Any) -> Actor:
    """Actor of staff with roles over branches."""
    held = tuple(HeldRole(role, branches) for role in roles)
    return Actor(kind=ActorKind.PERSON, name="tester", person_id=1, account_id=None, held=held, **facts)


@pytest.fixture
def policy() -> Iterator[None]:
    """Let the default policy answer for all permissions, in place of what the stages have registered."""
    before = dict(POLICIES)
    POLICIES.update(dict.fromkeys(Permission, in_scope))
    yield
    POLICIES.clear()
    POLICIES.update(before)


@given(
    held=st.sets(st.sampled_from([role for role in Role if role != Role.BORROWER])),
    asked=st.sampled_from(list(Permission)),
)
def test_without_an_object_can_says_what_the_role_table_says(held: set[Role], asked: Permission) -> None:
    expected = asked in permissions_of(held)
    decision = can(person(*held), asked)
    if expected and not decision:
        assert decision.guard == "administers"
        assert incompatible(held)
    else:
        assert bool(decision) == expected


@pytest.mark.parametrize("actor", [None, Actor.anonymous(), Actor.system("nobody-knows")])
def test_a_missing_a_nameless_and_an_unknown_actor_may_nothing(actor: Actor | None) -> None:
    assert [each for each in Permission if can(actor, each)] == []


def test_an_unknown_permission_raises() -> None:
    with pytest.raises(ValueError, match="no such"):
        can(person(Role.AUDITOR), "no such")  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "held"), SYSTEM_TABLE.items())
def test_system_actors_hold_their_line_and_no_more(name: str, held: frozenset[Permission]) -> None:
    actor = Actor(kind=ActorKind.SYSTEM, name=name)
    assert {each for each in Permission if can(actor, each)} == held


def test_who_administers_neither_approves_nor_pays_even_if_the_rows_say_so() -> None:
    both = person(Role.ADMINISTRATOR, Role.APPROVER_1)
    for permission in (Permission.APPROVAL_SIGN, Permission.ROLE_GRANT):
        decision = can(both, permission)
        assert not decision
        assert decision.guard == "administers"
    assert can(both, Permission.MATRIX_VIEW)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(
    ("branches", "thing", "allowed"),
    [
        (frozenset({BRANCH}), Thing(BRANCH), True),
        (frozenset({BRANCH}), Thing(OTHER), False),
        (frozenset(), Thing(BRANCH), False),
        (None, Thing(OTHER), True),
        (frozenset({BRANCH}), Thing(case=Thing(BRANCH)), True),
        (frozenset({BRANCH}), Thing(case=Thing(OTHER)), False),
        (frozenset({BRANCH}), Thing(), True),
        (frozenset({BRANCH}), Business(1, OTHER), False),
    ],
)
def test_scope_is_the_branch_of_the_object_or_of_its_case(
    branches: frozenset[int] | None, thing: Any, allowed: bool
) -> None:
    decision = can(person(Role.LOAN_OFFICER, branches=branches), Permission.CASE_VIEW, thing)
    assert bool(decision) == allowed
    assert allowed or decision.guard == "scope"


@pytest.mark.usefixtures("policy")
def test_the_role_that_reaches_the_branch_must_be_the_one_that_holds_the_permission() -> None:
    actor = Actor(
        kind=ActorKind.PERSON, name="tester", person_id=1,
        held=(HeldRole(Role.APPROVER_1, frozenset({OTHER})), HeldRole(Role.LOAN_OFFICER, frozenset({BRANCH}))),
    )  # fmt: skip
    assert not can(actor, Permission.APPROVAL_SIGN, Thing(BRANCH))
    assert can(actor, Permission.APPROVAL_SIGN, Thing(OTHER))


@pytest.mark.usefixtures("policy")
def test_nobody_touches_their_own_business_whatever_they_hold() -> None:
    roles = [role for role in Role if role != Role.BORROWER]
    for role in roles:
        actor = person(role, branches=None, tied_borrower_ids=frozenset({5}))
        for permission in ROLE_TABLE[role]:
            for thing in (Thing(BRANCH, 5), Thing(case=Thing(BRANCH, 5)), Business(5, BRANCH)):
                decision = can(actor, permission, thing)
                assert decision.guard == "own_business", (role, permission)
            assert can(actor, permission, Thing(BRANCH, 6))


@pytest.mark.usefixtures("policy")
def test_borrowers_see_their_own_business_only() -> None:
    actor = Actor(
        kind=ActorKind.BORROWER, name="songhua", account_id=3, held=(HeldRole(Role.BORROWER, frozenset()),),
        borrower_ids=frozenset({5}),
    )  # fmt: skip
    assert can(actor, Permission.PORTAL_USE, Thing(BRANCH, 5))
    assert can(actor, Permission.PORTAL_USE, Thing(BRANCH, 6)).guard == "scope"
    assert can(actor, Permission.PORTAL_USE, Thing(BRANCH)).guard == "scope"
    assert not can(actor, Permission.APPROVAL_SIGN, Thing(BRANCH, 5))


def test_a_permission_without_a_policy_denies_on_every_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(POLICIES, Permission.CASE_VIEW, raising=False)
    decision = can(person(Role.LOAN_OFFICER), Permission.CASE_VIEW, Thing(BRANCH))
    assert decision.guard == "policy"


def test_a_policy_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICIES, Permission.CASE_VIEW, lambda actor, _obj: actor.name == "tester")
    actor = person(Role.LOAN_OFFICER)
    assert can(actor, Permission.CASE_VIEW, Thing(BRANCH))
    assert not can(dataclasses.replace(actor, name="other"), Permission.CASE_VIEW, Thing(BRANCH))


@pytest.mark.usefixtures("policy")
def test_an_exclusion_hides_the_object(monkeypatch: pytest.MonkeyPatch) -> None:
    policies.exclude("test_block", lambda _actor, obj: "blocked" if obj.borrower_id == 5 else "")
    try:
        decision = can(person(Role.LOAN_OFFICER), Permission.CASE_VIEW, Thing(BRANCH, 5))
        assert decision.guard == "test_block"
        with pytest.raises(NotVisible):
            authorize(person(Role.LOAN_OFFICER), Permission.CASE_VIEW, Thing(BRANCH, 5))
        authorize(person(Role.LOAN_OFFICER), Permission.CASE_VIEW, Thing(BRANCH, 6))
    finally:
        del EXCLUSIONS["test_block"]


def test_two_policies_for_one_permission_are_a_mistake() -> None:
    policies.register({Permission.PEOPLE_VIEW: in_scope})
    policies.register({Permission.PEOPLE_VIEW: in_scope})
    with pytest.raises(ValueError, match="already has a policy"):
        policies.register({Permission.PEOPLE_VIEW: lambda _actor, _obj: True})
    del POLICIES[Permission.PEOPLE_VIEW]


@pytest.mark.usefixtures("policy")
def test_across_branches_there_is_nothing_here() -> None:
    with pytest.raises(NotVisible) as caught:
        authorize(person(Role.LOAN_OFFICER), Permission.CASE_VIEW, Thing(OTHER))
    assert caught.value.status == 404


def test_a_refusal_says_why_and_who_can() -> None:
    with pytest.raises(Refused) as caught:
        authorize(person(Role.LOAN_OFFICER), Permission.PAYMENT_RELEASE)
    assert caught.value.guard == "permission"
    assert caught.value.who_can == "Payment checker"
    assert "role" in str(caught.value.message)


@pytest.mark.django_db
def test_a_refusal_inside_an_act_is_on_record() -> None:
    actor = person(Role.LOAN_OFFICER)
    with pytest.raises(Refused), act(actor=actor):
        authorize(actor, Permission.ROLE_GRANT)
    event = newest(Permission.ROLE_GRANT)
    assert (event["outcome"], event["guard"]) == ("refused", "permission")
    assert SETUP.is_system


def test_branches_and_borrowers_are_read_off_the_object_first() -> None:
    assert branch_of(Thing(BRANCH, case=Thing(OTHER))) == BRANCH
    assert borrower_of(Thing(case=Thing(BRANCH, 5))) == 5
    assert borrower_of(Business(9, BRANCH)) == 9
    assert branch_of(Thing()) is None
    assert not in_scope(person(), None)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("permission", sorted(ROLE_TABLE[Role.AUDITOR]))
def test_a_role_bound_to_engagements_reads_what_they_name_and_does_nothing_else(permission: Permission) -> None:
    free = person(Role.AUDITOR)
    bound = dataclasses.replace(free, held=(HeldRole(Role.AUDITOR, frozenset({BRANCH}), engaged=True),))
    reads = permission in WITHIN_ENGAGEMENT
    thing = Thing(branch_id=BRANCH)
    assert can(free, permission).allowed
    assert (can(bound, permission).allowed, can(bound, permission, thing).allowed) == (reads, reads)
    assert can(dataclasses.replace(bound, held=bound.held + free.held), permission, thing).allowed


def test_no_bound_role_sees_people_reports_or_the_whole_logs_checks() -> None:
    shut = {P.PEOPLE_VIEW, P.MATRIX_VIEW, P.REPORT_VIEW, P.AUDIT_VERIFY, P.AUDIT_REVIEW, P.AUDIT_UNMASK}
    assert not WITHIN_ENGAGEMENT & (shut | {P.BORROWER_REVEAL, P.OBJECT_GRANT, P.ROLE_CONFIRM})
