"""Held roles with their subtrees, and who could do what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from apps.access import ports, selectors
from apps.access.ports import Ports
from apps.access.roles import Role
from apps.access.services import role_grant
from apps.accounts.services import people
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.factories import SETUP

pytestmark = pytest.mark.django_db


def test_a_role_reaches_its_branch_and_all_below() -> None:
    head = factories.branch("HQ")
    jinan, zibo = factories.branch("JN", head), factories.branch("ZB", head)
    leaf = factories.branch("JN-01", jinan)
    near = factories.branch("JN-X")
    owner = factories.staff(Role.CREDIT_ANALYST, jinan)
    assert selectors.held_roles(owner.person_id)[0].branch_ids == {jinan.pk, leaf.pk}
    role_grant(actor=SETUP, person=owner.person, role=Role.CREDIT_ANALYST, branch=zibo, reason="x")
    assert selectors.held_roles(owner.person_id)[0].branch_ids == {jinan.pk, leaf.pk, zibo.pk}
    assert near.pk not in factories.actor_for(owner).branch_ids
    role_grant(actor=SETUP, person=owner.person, role=Role.CREDIT_ANALYST, branch=None, reason="x")
    assert selectors.held_roles(owner.person_id)[0].branch_ids is None


def test_held_roles_cost_two_queries(django_assert_num_queries: Any) -> None:
    owner = factories.staff([Role.LOAN_OFFICER, Role.AUDITOR, Role.TEAM_LEAD], factories.branch("HQ"))
    with django_assert_num_queries(2):
        selectors.held_roles(owner.person_id)
    with django_assert_num_queries(1):
        assert selectors.held_roles(0) == ()


def test_messages_name_people_who_could_at_that_branch() -> None:
    head = factories.branch("HQ")
    jinan, zibo = factories.branch("JN", head), factories.branch("ZB", head)
    factories.staff(Role.APPRAISER, jinan, "appraiser-1")
    factories.staff(Role.APPRAISER, head, "appraiser-2")
    gone = factories.staff(Role.APPRAISER, None, "appraiser-3")
    people.account_suspend(actor=SETUP, account=gone, reason="left")
    words = selectors.who_can(Permission.COLLATERAL_CONFIRM, jinan.pk)
    assert words == "Collateral appraiser (appraiser-1, appraiser-2)"
    assert selectors.who_can(Permission.COLLATERAL_CONFIRM, zibo.pk) == "Collateral appraiser (appraiser-2)"
    assert selectors.who_can(Permission.PAYMENT_RELEASE) == "Payment checker"


def test_ports_tell_of_borrowers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "borrowers_of_account", staticmethod(ports.nobody))
    monkeypatch.setattr(Ports, "borrowers_tied_to", staticmethod(ports.nobody))
    owner, borrower = factories.staff(), factories.borrower_account()
    assert factories.actor_for(borrower).borrower_ids == frozenset()
    ports.fill(
        borrowers_of_account=lambda account: frozenset({account}), borrowers_tied_to=lambda one: frozenset({one})
    )
    actor = factories.actor_for(borrower)
    assert actor.is_borrower
    assert actor.borrower_ids == {borrower.pk}
    assert actor.tied_borrower_ids == frozenset()
    assert factories.actor_for(owner).tied_borrower_ids == {owner.person_id}


def test_people_are_described_in_one_query(django_assert_num_queries: Any) -> None:
    head = factories.branch("HQ", name="Head office")
    accounts = [factories.staff(Role.AUDITOR, head), factories.staff([Role.LOAN_OFFICER, Role.TEAM_LEAD])]
    with django_assert_num_queries(1):
        words = selectors.describe(accounts)
    assert words[accounts[0].pk] == "Auditor · Head office"
    assert words[accounts[1].pk] == "Loan officer · all branches, Team lead · all branches"


def test_the_closest_people_are_the_branchs_own_and_else_the_institutions() -> None:
    place = factories.branch()
    head = factories.staff(Role.HEAD_OF_CREDIT, None)
    assert selectors.people_closest(Permission.CASE_REASSIGN, place.pk) == {head.person_id}
    lead = factories.staff(Role.TEAM_LEAD, place)
    below = factories.branch("TA", parent=place)
    for branch in (place, below):
        assert selectors.people_closest(Permission.CASE_REASSIGN, branch.pk) == {lead.person_id}
    assert selectors.people_closest(Permission.PAYMENT_RELEASE, place.pk) == set()
