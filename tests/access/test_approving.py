"""Powerful roles take four people: one administrator asks, another, a lead and a watcher agree, and the person enrols.

A house that has just begun has two administrators and nobody else; whom it has never had it does not wait for.
"""

from __future__ import annotations

import itertools

import pytest
from django.db import IntegrityError, transaction

from apps.access import selectors
from apps.access.directory import grant_waiting, grants_page, person_card
from apps.access.models import RoleGrant
from apps.access.roles import ADMINISTERING, APPROVING_OR_PAYING, POWERFUL, ROLE_TABLE, Role
from apps.access.services import grant_approve, grant_reject, role_found, role_grant, role_revoke
from apps.access.services.granting import Assignment
from apps.access.services.people import staff_invite
from apps.accounts.models import Account
from apps.accounts.services.people import Particulars, account_suspend
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Account:
    """Return the administrator who asks."""
    return factories.staff(Role.ADMINISTRATOR)


@pytest.fixture
def other() -> Account:
    """Return the administrator who approves."""
    return factories.staff(Role.ADMINISTRATOR)


def ask(by: Account, person: Account, role: str = Role.PAYMENT_MAKER) -> RoleGrant:
    """Ask for a role."""
    return role_grant(actor=factories.actor_for(by), person=person.person, role=role, branch=None, reason="test")


def counts(role: str, owner: Account) -> bool:
    """Tell whether a role counts anywhere: in the actor, in the lists of who could, in the words about the person."""
    permission = next(iter(ROLE_TABLE[Role(role)] - ROLE_TABLE[Role.LOAN_OFFICER]))
    seen = {
        role in factories.actor_for(owner).role_names,
        selectors.accounts_who_can(permission, None).filter(pk=owner.pk).exists(),
        str(Role(role).label) in selectors.describe([owner])[owner.pk],
    }
    assert len(seen) == 1
    return seen.pop()


@pytest.mark.parametrize("role", sorted(POWERFUL - {Role.COMPLIANCE_OFFICER, Role.AUDITOR}))
def test_a_powerful_role_counts_nowhere_before_a_second_administrator_approves_it(
    one: Account, other: Account, role: str
) -> None:
    officer = factories.staff()
    grant = ask(one, officer, role)
    assert newest(Tag.ROLE_ASKED)["note"] == {"role": role}
    assert not counts(role, officer)
    grant_approve(actor=factories.actor_for(other), grant=grant)
    assert counts(role, officer)
    assert newest(Tag.ROLE_APPROVED)["person"] == other.person_id


def test_every_role_that_administers_approves_or_pays_is_powerful() -> None:
    deciding = {role for role in Role if ROLE_TABLE[role] & (ADMINISTERING | APPROVING_OR_PAYING)}
    assert deciding <= POWERFUL
    assert {Role.AUDITOR, Role.COMPLIANCE_OFFICER, Role.SECURITY_OFFICER, Role.DISBURSEMENT_REVIEWER} <= POWERFUL


def test_one_administrator_alone_makes_nobody_powerful(one: Account) -> None:
    """The whole way of a single insider: invite, grant, approve. It ends at the approval."""
    actor = factories.actor_for(one)
    who = Particulars(handle="straw-man", name="Straw Man", email="straw@example.test")
    wanted = [Assignment(role) for role in (Role.APPROVER_1, Role.PAYMENT_MAKER, Role.PAYMENT_CHECKER)]
    made = staff_invite(actor=actor, who=who, assignments=wanted, reason="x", site="https://x.example.test")
    assert selectors.held_roles(made.person_id) == ()
    for grant in selectors.grants_waiting():
        with pytest.raises(Refused, match="Another administrator") as refused:
            grant_approve(actor=actor, grant=grant)
        assert refused.value.guard == "second_administrator"
    assert newest(Permission.ROLE_APPROVE)["outcome"] == "refused"
    assert selectors.held_roles(made.person_id) == ()


def test_the_person_cannot_approve_their_own_role(one: Account, other: Account) -> None:
    grant = ask(one, other, Role.SECURITY_OFFICER)
    with pytest.raises(Refused, match="their own roles"):
        grant_approve(actor=factories.actor_for(other), grant=grant)
    with pytest.raises(Refused, match="their own roles"):
        grant_reject(actor=factories.actor_for(other), grant=grant, reason="x")


def test_an_approved_role_counts_only_once_its_person_has_enrolled(one: Account, other: Account) -> None:
    who = Particulars(handle="new-maker", name="Li Wei", email="li.wei@example.test")
    made = staff_invite(
        actor=factories.actor_for(one), who=who, assignments=[Assignment(Role.PAYMENT_MAKER)], reason="new",
        site="https://x.example.test",
    )  # fmt: skip
    grant_approve(actor=factories.actor_for(other), grant=selectors.grants_waiting().get())
    assert selectors.held_roles(made.person_id) == ()
    card = person_card(actor=factories.actor_for(one), handle="new-maker")
    assert [(grant.role, grant.is_waiting) for grant in card.waiting] == [("payment_maker", False)]
    factories._enrol(actor=SETUP, made=made)
    assert [held.role for held in selectors.held_roles(made.person_id)] == ["payment_maker"]


def test_a_rejected_role_never_counts_and_is_not_approved_afterwards(one: Account, other: Account) -> None:
    officer = factories.staff()
    grant = ask(one, officer)
    with pytest.raises(BadInput, match="can reject it"):
        role_revoke(actor=factories.actor_for(other), grant=grant, reason="x")
    grant_reject(actor=factories.actor_for(other), grant=grant, reason="not asked for")
    assert newest(Tag.ROLE_REJECTED)["note"]["reason"] == "not asked for"
    with pytest.raises(BadInput, match="no longer waits"):
        grant_approve(actor=factories.actor_for(other), grant=grant)
    assert not counts(Role.PAYMENT_MAKER, officer)
    grant.refresh_from_db()
    assert grant.was_rejected
    assert ask(one, officer).is_waiting  # it may be asked for again


def test_who_asked_may_take_the_request_back(one: Account) -> None:
    grant = ask(one, factories.staff())
    grant_reject(actor=factories.actor_for(one), grant=grant, reason="a mistake")
    assert not selectors.grants_waiting().exists()


def test_approving_needs_a_fresh_factor_and_the_permission(one: Account, other: Account) -> None:
    officer = factories.staff()
    grant = ask(one, officer)
    with pytest.raises(StepUpNeeded):
        grant_approve(actor=factories.actor_for(other, fresh=False), grant=grant)
    for actor in (factories.actor_for(factories.staff(Role.CREDIT_ANALYST)), SETUP, Actor.system("demo")):
        with pytest.raises(Refused, match="role does not include"):
            grant_approve(actor=actor, grant=grant)


def test_roles_that_wait_keep_incompatible_ones_away(one: Account, other: Account) -> None:
    officer = factories.staff()
    grant = ask(one, officer, Role.PAYMENT_MAKER)
    with pytest.raises(BadInput, match="still to agree"):
        ask(other, officer, Role.PAYMENT_MAKER)
    with pytest.raises(Refused, match="neither approves nor pays"):
        ask(other, officer, Role.HEAD_OF_CREDIT)
    grant_approve(actor=factories.actor_for(other), grant=grant)


class House:
    """A house with everybody who agrees to powerful roles, and a branch apart."""

    def __init__(self) -> None:
        self.branch, self.elsewhere = factories.branch("JN"), factories.branch("QD")
        self.one, self.other = factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR)
        self.lead = factories.staff(Role.TEAM_LEAD, self.branch)
        self.far_lead = factories.staff(Role.TEAM_LEAD, self.elsewhere)
        self.head = factories.staff(Role.HEAD_OF_CREDIT)
        self.compliance, self.security = (
            factories.staff(Role.COMPLIANCE_OFFICER),
            factories.staff(Role.SECURITY_OFFICER),
        )
        self.officer = factories.staff(branch=self.branch)
        self.grant = role_grant(
            actor=factories.actor_for(self.one), person=self.officer.person, role=Role.PAYMENT_MAKER, branch=self.branch,
            reason="takes over payments",
        )  # fmt: skip

    def agree(self, *accounts: Account) -> None:
        """Let accounts agree, one after the other."""
        for account in accounts:
            grant_approve(actor=factories.actor_for(account), grant=self.grant)


@pytest.mark.parametrize("order", list(itertools.permutations(["other", "lead", "compliance"])))
def test_a_powerful_role_counts_with_the_last_of_its_agreements_in_whatever_order(order: tuple[str, ...]) -> None:
    house = House()
    for name in order:
        assert not counts(Role.PAYMENT_MAKER, house.officer)
        house.agree(getattr(house, name))
    assert counts(Role.PAYMENT_MAKER, house.officer)
    house.grant.refresh_from_db()
    assert house.grant.approved_by_id == house.other.person_id
    consents = {consent.permission: consent.person_id for consent in house.grant.consents.all()}
    assert consents == {
        Permission.ROLE_APPROVE: house.other.person_id, Permission.ROLE_ENDORSE: house.lead.person_id,
        Permission.ROLE_CONFIRM: house.compliance.person_id,
    }  # fmt: skip


@pytest.mark.parametrize("missing", ["other", "lead", "security"])
def test_three_people_who_stand_behind_a_powerful_role_are_not_enough(missing: str) -> None:
    house = House()
    house.agree(*(getattr(house, name) for name in ("other", "lead", "security") if name != missing))
    assert not counts(Role.PAYMENT_MAKER, house.officer)
    assert selectors.grants_waiting().filter(pk=house.grant.pk).exists()


def test_a_lead_agrees_only_where_they_lead_and_sees_only_what_waits_there() -> None:
    house = House()
    far = factories.actor_for(house.far_lead)
    assert grants_page(actor=far).rows == []
    with pytest.raises(NotVisible):
        grant_waiting(actor=far, uuid=house.grant.uuid)
    with pytest.raises(Refused, match="not the one"):
        grant_approve(actor=far, grant=house.grant)
    assert [line.is_mine for line in grants_page(actor=factories.actor_for(house.lead)).rows] == [True]
    house.agree(house.head)
    assert [line.is_mine for line in grants_page(actor=factories.actor_for(house.lead)).rows] == [False]


def test_nobody_agrees_twice_nor_for_a_kind_that_has_agreed() -> None:
    house = House()
    both = factories.staff([Role.COMPLIANCE_OFFICER, Role.TEAM_LEAD])
    house.agree(both)
    with pytest.raises(BadInput, match="agreed to this role already"):
        house.agree(both)
    house.agree(house.security)  # the one who is both was taken for the lead
    with pytest.raises(Refused, match="not the one"):
        house.agree(house.compliance)


def test_a_kind_that_was_once_in_office_is_waited_for_even_when_nobody_of_it_is_left() -> None:
    house = House()
    for account in (house.compliance, house.security):
        account_suspend(actor=SETUP, account=account, reason="left")
    house.agree(house.other, house.lead)
    assert not counts(Role.PAYMENT_MAKER, house.officer)
    assert selectors.consents_missing(house.grant) == [Permission.ROLE_CONFIRM]


def test_the_last_who_agrees_to_roles_keeps_the_role_until_there_is_another() -> None:
    house = House()
    alone = factories.staff(Role.HEAD_OF_CREDIT)
    for account in (house.lead, house.far_lead, house.head):
        for grant in selectors.grants_live().filter(person=account.person):
            role_revoke(actor=factories.actor_for(house.one), grant=grant, reason="moved")
    with pytest.raises(Refused, match="Nobody else could agree"):
        role_revoke(
            actor=factories.actor_for(house.one), grant=selectors.grants_live().get(person=alone.person), reason="moved"
        )


def test_every_agreement_is_on_record_with_what_is_still_missing() -> None:
    house = House()
    house.agree(house.lead)
    note = newest(Tag.ROLE_AGREED)["note"]
    assert note["permission"] == Permission.ROLE_ENDORSE
    assert note["missing"] == [Permission.ROLE_APPROVE, Permission.ROLE_CONFIRM]


def test_the_database_itself_refuses_an_approval_by_who_asked(one: Account, other: Account) -> None:
    grant = ask(one, other, Role.SECURITY_OFFICER)
    for person in (one.person_id, other.person_id):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant._base_manager.filter(pk=grant.pk).update(approved_by=person)


def test_no_role_opens_the_founding_door(one: Account) -> None:
    officer = factories.staff()
    for actor in (factories.actor_for(one), Actor.system("branches")):
        with pytest.raises(Refused, match="role does not include"):
            role_found(actor=actor, person=officer.person, role=Role.AUDITOR, branch=None, reason="x")


def test_the_list_names_handles_and_is_one_event_a_page(one: Account, other: Account) -> None:
    officer = factories.staff()
    ask(one, officer)
    page = grants_page(actor=factories.actor_for(other))
    assert [(line.handle, line.asked_by) for line in page.rows] == [(officer.handle, one.handle)]
    assert newest(Tag.PEOPLE_LISTED)["note"] == {"rows": 1, "waiting": True}
