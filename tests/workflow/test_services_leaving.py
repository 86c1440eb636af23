"""Whoever leaves lets go of everything at once: sessions, cases, delegations from and to them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from apps.access.models import Delegation
from apps.access.roles import Role
from apps.access.services.delegating import Handover, delegation_make
from apps.access.services.people import staff_restore, staff_suspend
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.errors import Refused
from apps.workflow.models import CaseStep, LoanCase, Notice
from apps.workflow.process import Event
from apps.workflow.services.sharing import case_block
from tests.accounts import factories as people
from tests.workflow import factories
from tests.worlds import once_a_module

DAY = dt.timedelta(days=1)


class House:
    """An officer who holds two cases and stands in for another; a lead there; the head of credit; two administrators."""

    def __init__(self) -> None:
        self.here = people.branch("JN")
        self.officer, self.other = people.staff(branch=self.here), people.staff(branch=self.here)
        self.stand_in = people.staff(Role.CREDIT_ANALYST, self.here)
        self.lead, self.head = people.staff(Role.TEAM_LEAD, self.here), people.staff(Role.HEAD_OF_CREDIT)
        self.one, _two = people.staff(Role.ADMINISTRATOR), people.staff(Role.ADMINISTRATOR)
        self.cases = [factories.case(self.officer, branch=self.here) for _each in range(2)]
        for by, to in ((self.officer, self.stand_in), (self.stand_in, self.officer)):
            role = Role.LOAN_OFFICER if by == self.officer else Role.CREDIT_ANALYST
            delegation_make(
                actor=people.actor_for(by), wanted=Handover(to.handle, role, None, clock.now() + 30 * DAY, "on leave")
            )


house = once_a_module(House)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def leaves(house: House, account: Account | None = None) -> None:
    """An administrator suspends the officer."""
    staff_suspend(actor=people.actor_for(house.one), account=account or house.officer, reason="has left the bank")


def test_the_sessions_end_at_once_and_the_next_request_leads_to_the_sign_in(house: House) -> None:
    client = Client()
    people.signed_in(client, house.officer)
    assert client.get("/work/").status_code == 200
    leaves(house)
    assert client.get("/work/").url.startswith("/account/sign-in/")


def test_open_cases_go_to_the_lead_of_the_branch_who_is_told(house: House) -> None:
    leaves(house)
    for case in house.cases:
        case.refresh_from_db()
        assert case.holder_id == house.lead.person_id
        step = CaseStep.objects.filter(case=case).latest("pk")
        assert (step.event, step.actor_name) == (Event.HOLDER_LEFT, "system:leaving")
    kinds = Notice.objects.filter(person=house.lead.person, case__in=house.cases).values_list("kind", flat=True)
    assert list(kinds) == [Event.HOLDER_LEFT] * 2
    told = AuditEvent.objects.filter(action=Tag.CASE_REASSIGNED, case__in=[case.number for case in house.cases])
    assert [event.data["on_behalf_of"]["name"] for event in told] == [house.one.handle] * 2


def test_a_frozen_case_moves_too(house: House) -> None:
    frozen = factories.moved(
        LoanCase.objects.get(pk=house.cases[0].pk),
        Event.FREEZE,
        house.lead,
        reasons=[factories.reason("freeze").code],
        text="Enquiry.",
    )
    leaves(house)
    frozen.refresh_from_db()
    assert (frozen.holder_id, frozen.is_frozen) == (house.lead.person_id, True)


def test_a_lead_who_is_kept_off_a_case_does_not_get_it(house: House) -> None:
    case_block(actor=people.actor_for(house.head), case=house.cases[0], handle=house.lead.handle, reason="a cousin")
    leaves(house)
    for case, holder in zip(house.cases, (None, house.lead.person_id), strict=True):
        case.refresh_from_db()
        assert case.holder_id == holder


def test_where_nobody_leads_the_cases_go_back_to_the_queue(house: House) -> None:
    for account in (house.lead, house.head):
        leaves(house, account)
    leaves(house)
    for case in house.cases:
        case.refresh_from_db()
        assert case.holder_id is None


def test_delegations_from_and_to_who_leaves_end(house: House) -> None:
    assert Delegation.objects.filter(ends__gt=clock.now()).count() == 2
    leaves(house)
    assert not Delegation.objects.filter(ends__gt=clock.now()).exists()


def test_who_comes_back_gets_nothing_of_it_back(house: House) -> None:
    leaves(house)
    staff_restore(actor=people.actor_for(house.one), account=house.officer, reason="was a mistake")
    assert not LoanCase.objects.filter(holder=house.officer.person).exists()


def test_nothing_moves_where_the_suspension_is_refused(house: House) -> None:
    with pytest.raises(Refused):
        staff_suspend(actor=people.actor_for(house.lead), account=house.officer, reason="a quarrel")
    for case in house.cases:
        case.refresh_from_db()
        assert case.holder_id == house.officer.person_id
