"""A right in a deputy's hands for a time: who may hand over what to whom, who agrees, and how it ends."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.access import delegations
from apps.access.actors import deputising
from apps.access.administration import HANDING
from apps.access.delegations import lines_of, standing_of, to_agree
from apps.access.models import Delegation, RoleGrant
from apps.access.roles import POWERFUL, Role
from apps.access.selectors import grants_live
from apps.access.services import role_grant, role_revoke
from apps.access.services.authority import can
from apps.access.services.delegating import (
    Handover,
    delegation_agree,
    delegation_end,
    delegation_make,
    delegation_reject,
    delegation_seen,
    delegation_take_up,
)
from apps.access.services.places import passkey_roles_set
from apps.accounts.models import Account
from apps.accounts.services.people import account_suspend
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.workflow.models import Notice
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import newest
from tests.worlds import once_a_module

DAY = dt.timedelta(days=1)


class House:
    """Two branches below head office; an officer, an approver, a colleague, leads here and there, an administrator."""

    def __init__(self) -> None:
        self.top = factories.branch("HQ")
        self.here, self.there = factories.branch("JN", self.top), factories.branch("QD", self.top)
        self.officer, self.approver = factories.staff(branch=self.here), factories.staff(Role.APPROVER_1, self.here)
        self.colleague = factories.staff(Role.CREDIT_ANALYST, self.here, handle="stand-in")
        self.lead, self.far_lead = (
            factories.staff(Role.TEAM_LEAD, self.here),
            factories.staff(Role.TEAM_LEAD, self.there),
        )
        self.administrator = factories.staff(Role.ADMINISTRATOR)


house = once_a_module(House)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def wanted(house: House, **given: Any) -> Handover:
    """The officer's right for a week, unless told otherwise."""
    values = {
        "deputy": "stand-in", "role": Role.LOAN_OFFICER, "branch": house.here, "ends": clock.now() + 7 * DAY,
        "reason": "on leave", **given,
    }  # fmt: skip
    return Handover(**values)


def made(house: House, by: Account | None = None, **given: Any) -> Delegation:
    """A delegation as its principal made it."""
    return delegation_make(actor=factories.actor_for(by or house.officer), wanted=wanted(house, **given))


def power(house: House, **given: Any) -> Delegation:
    """The approver's right, up to half a million, which waits for a lead."""
    return made(house, house.approver, role=Role.APPROVER_1, **{"most": Decimal(500_000), **given})


def acting(row: Delegation, house: House) -> Actor | None:
    """The colleague as a deputy, if the row gives anything now."""
    standing = standing_of(house.colleague.person_id, row.uuid)
    return None if standing is None else deputising(factories.actor_for(house.colleague), standing)


def test_a_deputy_holds_that_right_and_nothing_of_their_own(house: House) -> None:
    actor = acting(made(house), house)
    assert actor is not None
    assert actor.role_names == {Role.LOAN_OFFICER}
    assert actor.branch_ids == {house.here.pk}
    assert (actor.on_behalf_of, actor.on_behalf_name) == (house.officer.person_id, house.officer.handle)
    assert actor.persons == {house.officer.person_id, house.colleague.person_id}
    assert can(actor, Permission.APPLICATION_SUBMIT)
    assert not can(actor, Permission.CREDIT_RECOMMEND)
    own = factories.actor_for(house.colleague)
    assert not own.is_deputy
    assert not can(own, Permission.APPLICATION_SUBMIT)


@pytest.mark.parametrize(
    ("needing", "needed"), [((), False), ((Role.LOAN_OFFICER,), True), ((Role.CREDIT_ANALYST,), True), ((Role.APPROVER_1,), False)]
)  # fmt: skip
def test_a_deputy_needs_the_passkey_that_either_persons_role_needs(
    house: House, needing: tuple[Role, ...], needed: bool
) -> None:
    row = made(house)
    passkey_roles_set(actor=factories.actor_for(house.administrator), roles=needing)
    actor = acting(row, house)
    assert actor is not None
    assert actor.needs_passkey is needed
    assert actor.is_fresh(clock.now()) is not needed


def test_who_is_held_back_after_a_loss_hands_over_no_power_that_they_may_not_use(house: House) -> None:
    approver, officer = copy.copy(house.approver), copy.copy(house.officer)
    approver.signs_from = officer.signs_from = clock.now() + DAY
    with pytest.raises(Refused, match="after a loss"):
        made(house, approver, role=Role.APPROVER_1, most=Decimal(1))
    assert made(house, officer).role == Role.LOAN_OFFICER, "what is not held back may be handed over"
    with clock.at(clock.now() + DAY):
        assert made(house, approver, role=Role.APPROVER_1, most=Decimal(1)).is_waiting


def test_the_log_names_both(house: House) -> None:
    row = made(house)
    assert newest(Tag.DELEGATION_MADE)["note"]["deputy"] == house.colleague.person_id
    delegation_take_up(actor=factories.actor_for(house.colleague), row=row)
    told = newest(Tag.DELEGATION_TAKEN_UP)
    assert told["person"] == house.colleague.person_id
    assert told["on_behalf_of"] == {"person": house.officer.person_id, "name": house.officer.handle}
    assert told["roles"] == [Role.LOAN_OFFICER]


def test_power_counts_from_a_leads_agreement_on(house: House) -> None:
    row = power(house)
    assert acting(row, house) is None
    with pytest.raises(Refused, match="not in your hands"):
        delegation_take_up(actor=factories.actor_for(house.colleague), row=row)
    lead = factories.actor_for(house.lead)
    assert to_agree(lead) == [row]
    delegation_agree(actor=lead, row=row)
    actor = acting(row, house)
    assert actor is not None
    assert actor.most == Decimal(500_000)
    assert to_agree(lead) == []
    assert newest(Tag.DELEGATION_AGREED)["person"] == house.lead.person_id


def test_only_somebody_else_who_leads_there_agrees(house: House) -> None:
    row = power(house)
    assert to_agree(factories.actor_for(house.far_lead)) == []
    for account, error in ((house.far_lead, NotVisible), (house.approver, Refused), (house.administrator, Refused)):
        with pytest.raises(error):
            delegation_agree(actor=factories.actor_for(account), row=row)
    with pytest.raises(StepUpNeeded):
        delegation_agree(actor=factories.actor_for(house.lead, fresh=False), row=row)


def test_neither_of_the_two_agrees_even_as_a_lead(house: House) -> None:
    both = factories.staff([Role.APPROVER_1, Role.TEAM_LEAD], house.here)
    row = made(house, both, role=Role.APPROVER_1, most=Decimal(1))
    with pytest.raises(Refused, match="one of the two"):
        delegation_agree(actor=factories.actor_for(both), row=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation._base_manager.filter(pk=row.pk).update(agreed_by=both.person_id)


def test_a_rejected_one_never_counts(house: House) -> None:
    row = power(house)
    delegation_reject(actor=factories.actor_for(house.lead), row=row)
    assert acting(row, house) is None
    with pytest.raises(BadInput, match="no longer waits"):
        delegation_agree(actor=factories.actor_for(house.lead), row=row)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": Role.CREDIT_ANALYST}, "role"),  # not held
        ({"deputy": "nobody-here"}, "deputy"),
        ({"reason": " "}, "reason"),
        ({"most": Decimal(5)}, "most"),
        ({"ends": clock.now() - DAY}, "ends"),
        ({"ends": clock.now() + 120 * DAY}, "ends"),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, dict) else "",
)
def test_what_cannot_be_handed_over_is_said_beside_its_field(house: House, given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as wrong:
        made(house, **given)
    assert set(wrong.value.errors) == {field}


def test_nobody_hands_over_more_than_they_hold(house: House) -> None:
    for branch in (house.there, house.top):
        with pytest.raises(BadInput, match="whole of this branch"):
            made(house, branch=branch)
    with pytest.raises(BadInput, match="amount"):
        made(house, house.approver, role=Role.APPROVER_1)
    with pytest.raises(BadInput, match="may be handed over"):
        made(house, factories.staff([Role.TEAM_LEAD, Role.LOAN_OFFICER], house.here), role=Role.TEAM_LEAD)


def test_without_a_branch_it_is_the_one_where_the_role_is_held(house: House) -> None:
    assert made(house, branch=None).branch == house.here
    assert made(house, factories.staff(Role.APPRAISER), role=Role.APPRAISER, branch=None).branch is None
    both = factories.staff(branch=house.here)
    role_grant(
        actor=factories.actor_for(house.administrator), person=both.person, role=Role.LOAN_OFFICER, branch=house.there,
        reason="helps out there",
    )  # fmt: skip
    with pytest.raises(BadInput, match="several branches"):
        made(house, both, branch=None)


def test_who_administers_watches_or_agrees_hands_nothing_over() -> None:
    kept = {role for role in Role if not HANDING.may_be_handed(role)}
    assert kept == {
        Role.BORROWER, Role.ADMINISTRATOR, Role.HEAD_OF_CREDIT, Role.TEAM_LEAD, Role.COMPLIANCE_OFFICER,
        Role.SECURITY_OFFICER, Role.AUDITOR, Role.POST_LOAN_OFFICER,
    }  # fmt: skip
    assert {role for role in Role if HANDING.may_be_handed(role)} & POWERFUL


def test_a_deputy_works_on_cases_has_enrolled_and_does_not_stand_on_the_other_side(house: House) -> None:
    invited = factories.account()
    both = factories.staff([Role.HEAD_OF_CREDIT, Role.LOAN_OFFICER], house.here)
    for handle in (house.administrator.handle, house.officer.handle, invited.handle):
        with pytest.raises(BadInput, match="works on cases"):
            made(house, deputy=handle)
    with pytest.raises(BadInput, match="neither approves nor pays"):
        power(house, deputy=both.handle)


def test_a_deputy_hands_nothing_on_and_agrees_to_nothing(house: House) -> None:
    actor = acting(made(house), house)
    assert actor is not None
    with pytest.raises(Refused, match="act for another"):
        delegation_make(actor=actor, wanted=wanted(house, deputy=house.approver.handle))
    with pytest.raises(Refused, match="act for another"):
        delegation_take_up(actor=actor, row=made(house, deputy=house.approver.handle))


def _time_passes(house: House, row: Delegation) -> None:
    Delegation._base_manager.filter(pk=row.pk).update(starts=clock.now() - 2 * DAY, ends=clock.now() - DAY)


def _principal_leaves(house: House, row: Delegation) -> None:
    account_suspend(actor=SETUP, account=house.officer, reason="left")


def _principal_loses_the_role(house: House, row: Delegation) -> None:
    for grant in grants_live().filter(person=house.officer.person):
        role_revoke(actor=factories.actor_for(house.administrator), grant=grant, reason="moved")


def _principal_ends_it(house: House, row: Delegation) -> None:
    delegation_end(actor=factories.actor_for(house.officer), row=row)


def _deputy_ends_it(house: House, row: Delegation) -> None:
    delegation_end(actor=factories.actor_for(house.colleague), row=row)


@pytest.mark.unrecorded
@pytest.mark.parametrize(
    "happens", [_time_passes, _principal_leaves, _principal_loses_the_role, _principal_ends_it, _deputy_ends_it]
)
def test_it_gives_nothing_any_more_once(house: House, happens: Any) -> None:
    row = made(house)
    assert acting(row, house) is not None
    happens(house, row)
    assert acting(row, house) is None


@pytest.mark.unrecorded
def test_power_gives_nothing_once_its_deputy_administers(house: House) -> None:
    row = power(house)
    delegation_agree(actor=factories.actor_for(house.lead), row=row)
    assert acting(row, house) is not None
    RoleGrant._base_manager.filter(person=house.colleague.person).update(role=Role.ADMINISTRATOR)
    assert acting(row, house) is None


@pytest.mark.unrecorded
def test_it_shrinks_with_its_principals_own_reach(house: House) -> None:
    wide = factories.staff(branch=house.top)
    row = made(house, wide, branch=None)
    actor = acting(row, house)
    assert actor is not None
    assert actor.branch_ids == {house.top.pk, house.here.pk, house.there.pk}
    RoleGrant._base_manager.filter(person=wide.person).update(branch=house.there)
    actor = acting(row, house)
    assert actor is not None
    assert actor.branch_ids == {house.there.pk}


def test_one_for_later_gives_nothing_before_its_beginning(house: House) -> None:
    row = made(house, starts=clock.now() + DAY)
    assert acting(row, house) is None
    with clock.at(clock.now() + 2 * DAY):
        assert acting(row, house) is not None


def test_strangers_neither_see_nor_end_it(house: House) -> None:
    row, stranger = made(house), factories.actor_for(factories.staff(branch=house.there))
    with pytest.raises(NotVisible):
        delegation_seen(stranger, row.uuid)
    with pytest.raises(NotVisible):
        delegation_end(actor=stranger, row=row)
    assert lines_of(stranger) == []
    assert standing_of(stranger.person_id or 0, row.uuid) is None


def test_everybody_concerned_hears_of_it(house: House) -> None:
    row = power(house)
    delegation_agree(actor=factories.actor_for(house.lead), row=row)
    delegation_end(actor=factories.actor_for(house.approver), row=row)
    told = {(notice.person_id, notice.kind) for notice in Notice.objects.filter(case=None)}
    assert told == {
        (house.colleague.person_id, "delegation_made"), (house.lead.person_id, "delegation_asked"),
        (house.colleague.person_id, "delegation_agreed"), (house.approver.person_id, "delegation_agreed"),
        (house.colleague.person_id, "delegation_ended"),
    }  # fmt: skip


def test_the_database_keeps_a_right_from_its_own_principal(house: House) -> None:
    row = made(house)
    for given in ({"deputy": house.officer.person_id}, {"ends": row.starts - DAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delegation._base_manager.filter(pk=row.pk).update(**given)


def test_lines_say_what_each_reader_may_do(house: House) -> None:
    row = power(house)
    told = {
        name: [
            (line.may_agree, line.may_act, line.may_end) for line in lines_of(factories.actor_for(getattr(house, name)))
        ]
        for name in ("approver", "colleague", "lead", "far_lead")
    }
    assert told == {
        "approver": [(False, False, True)], "colleague": [(False, False, True)], "lead": [(True, False, False)], "far_lead": [],
    }  # fmt: skip
    delegation_agree(actor=factories.actor_for(house.lead), row=row)
    assert [line.may_act for line in lines_of(factories.actor_for(house.colleague))] == [True]
    assert delegations.live().count() == 1
