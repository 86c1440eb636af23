"""Granting and revoking roles, and administering people: who may, for whom, and what ends with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from apps.access import selectors
from apps.access.models import RoleGrant
from apps.access.roles import Role
from apps.access.services import Assignment, role_grant, role_revoke
from apps.access.services.people import (
    staff_invite,
    staff_reinvite,
    staff_restore,
    staff_suspend,
    staff_unlock,
)
from apps.access.services.places import branch_open, branch_rename
from apps.accounts.models import Account, AccountKind, Branch
from apps.accounts.services.people import Particulars
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db
SITE = "https://loans.example.test/"
WHO = Particulars(handle="new-officer", name="Li Wei", email="li.wei@example.test")


@pytest.fixture
def admin() -> Account:
    """Return an administrator; there is a second one."""
    factories.staff(Role.ADMINISTRATOR)
    return factories.staff(Role.ADMINISTRATOR)


def grant(
    actor: Actor, to: Account, role: str = Role.COMMITTEE_SECRETARY, branch: Branch | None = None, **more: Any
) -> RoleGrant:
    """Grant a role."""
    return role_grant(actor=actor, person=to.person, role=role, branch=branch, reason="test", **more)


def test_an_administrator_grants_a_role_and_the_sessions_end(admin: Account) -> None:
    officer = factories.staff()
    record = factories.signed_in(Client(), officer)
    given = grant(factories.actor_for(admin), officer)
    record.refresh_from_db()
    assert record.end_reason == "role_change"
    assert given.granted_by_id == admin.person_id
    assert factories.actor_for(officer).role_names == {Role.LOAN_OFFICER, Role.COMMITTEE_SECRETARY}
    event = newest(Tag.ROLE_GRANTED)
    assert event["outcome"] == "done"
    assert event["person"] == admin.person_id


def test_a_revoked_role_is_gone_at_once_and_its_row_stays(admin: Account) -> None:
    officer = factories.staff()
    actor = factories.actor_for(admin)
    given = grant(actor, officer)
    role_revoke(actor=actor, grant=given, reason="moved on")
    assert factories.actor_for(officer).role_names == {Role.LOAN_OFFICER}
    assert RoleGrant.objects.filter(pk=given.pk, ends__isnull=False).exists()
    with pytest.raises(BadInput, match="already ended"):
        role_revoke(actor=actor, grant=given, reason="again")


def test_only_administrators_grant(admin: Account) -> None:
    officer = factories.staff()
    for role in [role for role in Role if role not in {Role.BORROWER, Role.ADMINISTRATOR}]:
        actor = Actor(kind=factories.actor_for(admin).kind, name="x", person_id=0, held=(HeldRole(role),))
        with pytest.raises(Refused, match="role does not include"):
            grant(actor, officer)


def test_granting_needs_a_fresh_factor(admin: Account) -> None:
    officer = factories.staff()
    with pytest.raises(StepUpNeeded):
        grant(factories.actor_for(admin, fresh=False), officer)
    assert newest(Permission.ROLE_GRANT)["guard"] == "step_up"


def test_nobody_changes_their_own_roles(admin: Account) -> None:
    actor = factories.actor_for(admin)
    with pytest.raises(Refused, match="their own roles"):
        grant(actor, admin)
    own = selectors.grants_live().get(person=admin.person)
    with pytest.raises(Refused, match="their own roles"):
        role_revoke(actor=actor, grant=own, reason="x")


@pytest.mark.parametrize(
    "pair",
    [
        (Role.ADMINISTRATOR, Role.APPROVER_1),
        (Role.PAYMENT_MAKER, Role.ADMINISTRATOR),
        (Role.HEAD_OF_CREDIT, Role.PAYMENT_CHECKER),
        (Role.APPROVER_3, Role.HEAD_OF_CREDIT),
    ],
)
def test_who_administers_is_given_no_role_that_approves_or_pays(pair: tuple[Role, Role]) -> None:
    holder = factories.staff(pair[0])
    with pytest.raises(Refused, match="neither approves nor pays"):
        grant(SETUP, holder, pair[1])
    assert factories.actor_for(holder).role_names == {pair[0]}


@pytest.mark.parametrize("role", ["", "no_such_role", "borrower"])
def test_only_roles_of_staff_are_granted(role: str) -> None:
    with pytest.raises(BadInput):
        grant(SETUP, factories.staff(), role)


def test_a_role_is_not_granted_twice_for_one_place() -> None:
    head = factories.branch("HQ")
    officer = factories.staff(Role.LOAN_OFFICER, head)
    with pytest.raises(BadInput, match="already holds"):
        grant(SETUP, officer, Role.LOAN_OFFICER, head)
    grant(SETUP, officer, Role.LOAN_OFFICER, factories.branch("JN"))


def test_a_role_ends_by_itself() -> None:
    officer = factories.staff()
    ends = clock.now() + dt.timedelta(days=1)
    grant(SETUP, officer, ends=ends)
    with clock.at(ends - dt.timedelta(seconds=1)):
        assert Role.COMMITTEE_SECRETARY in factories.actor_for(officer).role_names
    with clock.at(ends):
        assert Role.COMMITTEE_SECRETARY not in factories.actor_for(officer).role_names
    with pytest.raises(BadInput, match="future"):
        grant(SETUP, officer, Role.TEAM_LEAD, ends=clock.now())


def test_a_grant_cannot_end_before_it_starts() -> None:
    officer = factories.staff()
    with pytest.raises(IntegrityError):
        RoleGrant._base_manager.filter(person=officer.person).update(ends=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


def test_the_last_administrator_keeps_the_role() -> None:
    admin = factories.staff(Role.ADMINISTRATOR)
    own = selectors.grants_live().get(person=admin.person)
    with pytest.raises(Refused, match="Two administrators"):
        role_revoke(actor=SETUP, grant=own, reason="x")
    with pytest.raises(Refused, match="last administrator"):
        staff_suspend(actor=factories.actor_for(factories.staff(Role.SECURITY_OFFICER)), account=admin, reason="x")


def test_an_invitation_comes_with_its_roles_or_not_at_all(admin: Account) -> None:
    actor = factories.actor_for(admin)
    head = factories.branch("HQ")
    both = [Assignment(Role.ADMINISTRATOR), Assignment(Role.APPROVER_1, head)]
    with pytest.raises(Refused, match="neither approves nor pays"):
        staff_invite(actor=actor, who=WHO, assignments=both, reason="new", site=SITE)
    assert not Account.objects.filter(handle="new-officer").exists()
    made = staff_invite(actor=actor, who=WHO, assignments=[Assignment(Role.APPRAISER, head)], reason="new", site=SITE)
    assert [each.role for each in selectors.held_roles(made.person_id)] == [Role.APPRAISER]
    with pytest.raises(BadInput, match="at least one role"):
        staff_invite(actor=actor, who=WHO, assignments=[], reason="new", site=SITE)
    borrower = Particulars(handle="b-1", name="B", email="b@example.test", kind=AccountKind.BORROWER)
    with pytest.raises(BadInput, match="page of their business"):
        staff_invite(actor=actor, who=borrower, assignments=both[:1], reason="new", site=SITE)


ACTIONS: dict[str, Callable[[Actor, Account], Any]] = {
    "reinvite": lambda actor, account: staff_reinvite(actor=actor, account=account, site=SITE),
    "suspend": lambda actor, account: staff_suspend(actor=actor, account=account, reason="x"),
    "restore": lambda actor, account: staff_restore(actor=actor, account=account, reason="x"),
    "unlock": lambda actor, account: staff_unlock(actor=actor, account=account),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_people_are_administered_by_others_with_a_fresh_factor(admin: Account, action: str) -> None:
    officer = factories.staff()
    with pytest.raises(Refused, match="own account"):
        ACTIONS[action](factories.actor_for(admin), admin)
    with pytest.raises(StepUpNeeded):
        ACTIONS[action](factories.actor_for(admin, fresh=False), officer)
    with pytest.raises(Refused, match="role does not include"):
        ACTIONS[action](factories.actor_for(officer), admin)


def test_an_account_is_suspended_and_restored(admin: Account) -> None:
    officer = factories.staff()
    actor = factories.actor_for(admin)
    assert staff_suspend(actor=actor, account=officer, reason="left").is_active is False
    assert newest(Tag.PERSON_SUSPENDED)["outcome"] == "done"
    assert staff_restore(actor=actor, account=officer, reason="back").is_active is True
    staff_unlock(actor=actor, account=officer)
    staff_reinvite(actor=actor, account=officer, site=SITE)
    assert newest(Tag.PERSON_INVITED)["note"] == {"again": True}


def test_branches_are_opened_and_changed_by_administrators(admin: Account) -> None:
    actor = factories.actor_for(admin)
    branch = branch_open(actor=actor, code="ZB", name="Zibo")
    assert branch_rename(actor=actor, branch=branch, name="Zibo branch", parent=None).name == "Zibo branch"
    assert newest(Tag.BRANCH_CHANGED)["outcome"] == "done"
    with pytest.raises(Refused):
        branch_open(actor=factories.actor_for(factories.staff()), code="ZC", name="x")
