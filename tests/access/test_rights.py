"""Rights that people ask for: who asks, who agrees, who gives, how long they last, and that nobody does two of these."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access import rights
from apps.access.models import ReportingLine, RightRequest, RoleGrant
from apps.access.models.rights import RequestState
from apps.access.roles import POWERFUL, ROLE_TABLE, Role
from apps.access.selectors import grants_live
from apps.access.services import grant_approve, role_grant, role_revoke
from apps.access.services.rights import (
    Wanted,
    manager_set,
    right_agree,
    right_ask,
    right_decline,
    right_give,
    right_seen,
    right_withdraw,
)
from apps.access.services.terms import rights_lapse, rights_warn
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
CLOCK = Actor.system("clock", channel="test")


class House:
    """An officer under a lead under a head; two administrators; somebody for compliance."""

    def __init__(self) -> None:
        self.here, self.there = factories.branch("JN"), factories.branch("QD")
        self.officer, self.lead = factories.staff(branch=self.here), factories.staff(Role.TEAM_LEAD, self.here)
        self.head = factories.staff(Role.HEAD_OF_CREDIT)
        self.one, self.other = factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR)
        self.compliance = factories.staff(Role.COMPLIANCE_OFFICER)
        self.far_lead = factories.staff(Role.TEAM_LEAD, self.there)
        manager_set(actor=factories.actor_for(self.one), account=self.officer, handle=self.lead.handle)
        manager_set(actor=factories.actor_for(self.one), account=self.lead, handle=self.head.handle)


house = once_a_module(House)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def asked(house: House, by: Account | None = None, **given: Any) -> RightRequest:
    """A request of the officer's for the appraiser's role, for a hundred days, unless told otherwise."""
    values = {
        "role": Role.APPRAISER, "branch": house.here, "until": clock.today() + 100 * DAY, "reason": "Wu is on leave", **given,
    }  # fmt: skip
    return right_ask(actor=factories.actor_for(by or house.officer), wanted=Wanted(**values))


def agreed(house: House, **given: Any) -> RightRequest:
    """The same, agreed to by the lead."""
    return right_agree(actor=factories.actor_for(house.lead), row=asked(house, **given))


def told(account: Account) -> list[str]:
    """Kinds of notices under somebody's bell, the newest first."""
    return list(Notice.objects.filter(person=account.person).order_by("-pk").values_list("kind", flat=True))


def test_every_role_of_staff_may_ask_and_no_borrower() -> None:
    assert {role for role, held in ROLE_TABLE.items() if Permission.RIGHT_ASK not in held} == {Role.BORROWER}


def test_a_right_goes_from_who_asks_by_the_line_manager_to_an_administrator_and_has_an_end(house: House) -> None:
    row = asked(house)
    assert (row.state, told(house.lead)[0]) == (RequestState.ASKED, "right_asked")
    assert not grants_live().filter(person=house.officer.person, role=Role.APPRAISER).exists()
    row = right_agree(actor=factories.actor_for(house.lead), row=row)
    assert (row.state, told(house.one)[0]) == (RequestState.AGREED, "right_agreed")
    row = right_give(actor=factories.actor_for(house.one), row=row)
    grant = grants_live().get(person=house.officer.person, role=Role.APPRAISER)
    assert (row.state, row.grant, grant.ends) == (RequestState.GIVEN, grant, row.until)
    assert RoleGrant.objects.get(pk=grant.pk).request == row
    assert (clock.day_of(grant.ends - DAY), grant.reason.reveal()) == (row.last_day, "Wu is on leave")
    event = newest(Tag.RIGHT_GIVEN)
    assert event["note"] == {
        "role": "appraiser", "person": house.officer.person_id, "agreed_by": house.lead.person_id,
    }  # fmt: skip
    assert told(house.officer)[0] == "right_given"
    (line,) = [
        each for each in rights.rights_of(house.officer.person_id)[house.officer.person_id] if each.grant == grant
    ]
    assert (line.asked_by, line.agreed_by, line.counts) == (house.one.handle, [house.lead.handle], True)


def test_the_right_is_gone_after_its_last_day(house: House) -> None:
    row = right_give(actor=factories.actor_for(house.one), row=agreed(house, until=clock.today()))
    with clock.at(row.until - dt.timedelta(seconds=1)):
        assert Role.APPRAISER in factories.actor_for(house.officer).role_names
    with clock.at(row.until):
        assert factories.actor_for(house.officer).role_names == {Role.LOAN_OFFICER}


def test_a_powerful_role_waits_for_all_the_others_after_the_request(house: House) -> None:
    row = right_give(actor=factories.actor_for(house.one), row=agreed(house, role=Role.PAYMENT_MAKER))
    assert row.is_powerful
    grant = row.grant
    assert grant is not None
    assert (grant.is_waiting, grant.granted_by_id) == (True, house.one.person_id)
    with pytest.raises(Refused, match="yourself"):
        grant_approve(actor=factories.actor_for(house.one), grant=grant)
    for each in (house.other, house.lead):
        grant_approve(actor=factories.actor_for(each), grant=grant)
        assert Role.PAYMENT_MAKER not in factories.actor_for(house.officer).role_names
    grant_approve(actor=factories.actor_for(house.compliance), grant=grant)
    assert Role.PAYMENT_MAKER in factories.actor_for(house.officer).role_names
    assert len({grant.granted_by_id, *grant.consents.values_list("person_id", flat=True)}) == 4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"until": -DAY}, "future"), ({"until": 400 * DAY}, "a year from now"), ({"role": "borrower"}, "of the list"),
        ({"role": "king"}, "of the list"), ({"reason": "x"}, "Say why"), ({"handle": "nobody"}, "your own people"),
        ({"role": Role.LOAN_OFFICER}, "held there already"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused_with_words(house: House, given: dict[str, Any], words: str) -> None:
    if "until" in given:
        given = {"until": clock.today() + given["until"]}
    with pytest.raises(BadInput, match=words):
        asked(house, **given)


def test_the_same_is_asked_for_once(house: House) -> None:
    row = asked(house)
    with pytest.raises(BadInput, match="already"):
        asked(house)
    right_withdraw(actor=factories.actor_for(house.officer), row=row)
    assert asked(house).state is RequestState.ASKED
    row.refresh_from_db()
    assert row.state is RequestState.WITHDRAWN


def test_nobody_agrees_to_their_own_request_and_nobody_else_than_the_line_manager_does(house: House) -> None:
    row = asked(house)
    with pytest.raises(Refused, match="Nobody agrees to what they ask"):
        right_agree(actor=factories.actor_for(house.officer), row=row)
    for other in (house.head, house.far_lead, house.one):
        with pytest.raises(NotVisible):
            right_agree(actor=factories.actor_for(other), row=row)
    with pytest.raises(StepUpNeeded):
        right_agree(actor=factories.actor_for(house.lead, fresh=False), row=row)
    row.refresh_from_db()
    assert row.state is RequestState.ASKED


def test_what_a_manager_asks_for_one_of_their_people_goes_to_the_managers_manager(house: House) -> None:
    row = asked(house, house.lead, handle=house.officer.handle)
    assert (row.person_id, row.asked_by_id) == (house.officer.person_id, house.lead.person_id)
    with pytest.raises(Refused, match="Nobody agrees to what they ask"):
        right_agree(actor=factories.actor_for(house.lead), row=row)
    right_agree(actor=factories.actor_for(house.head), row=row)
    assert newest(Tag.RIGHT_AGREED)["person"] == house.head.person_id


def test_a_lead_of_another_branch_asks_for_nobody_here(house: House) -> None:
    with pytest.raises(BadInput, match="your own people"):
        asked(house, house.far_lead, handle=house.officer.handle)


def test_a_suspended_manager_is_stepped_over(house: House) -> None:
    row = asked(house)
    account_suspend(actor=SETUP, account=house.lead, reason="left")
    assert rights.answers(row.person_id, row.asked_by_id) == house.head.person_id
    assert [line.row for line in rights.requests_to_answer(factories.actor_for(house.head))] == [row]


def test_without_a_manager_one_is_told_to_have_one_entered(house: House) -> None:
    with pytest.raises(BadInput, match="enter a line manager"):
        asked(house, house.far_lead)


def test_who_asked_agreed_or_is_meant_does_not_give(house: House) -> None:
    admin = house.one
    manager_set(actor=factories.actor_for(house.other), account=admin, handle=house.other.handle)
    row = asked(house, admin, role=Role.COMMITTEE_SECRETARY, branch=None)
    right_agree(actor=factories.actor_for(house.other), row=row)
    with pytest.raises(Refused, match="Nobody changes their own roles"):
        right_give(actor=factories.actor_for(admin), row=row)
    with pytest.raises(Refused, match="had a hand"):
        right_give(actor=factories.actor_for(house.other), row=row)
    third = factories.staff(Role.ADMINISTRATOR)
    assert right_give(actor=factories.actor_for(third), row=row).state is RequestState.GIVEN


def test_only_administrators_give_and_only_what_is_agreed(house: House) -> None:
    row = asked(house)
    with pytest.raises(BadInput, match="no longer waits"):
        right_give(actor=factories.actor_for(house.one), row=row)
    right_agree(actor=factories.actor_for(house.lead), row=row)
    with pytest.raises(Refused, match="does not include"):
        right_give(actor=factories.actor_for(house.head), row=row)
    with pytest.raises(StepUpNeeded):
        right_give(actor=factories.actor_for(house.one, fresh=False), row=row)


def test_roles_that_may_not_meet_are_refused_where_the_role_is_given(house: House) -> None:
    row = agreed(house, role=Role.ADMINISTRATOR, branch=None)
    third = factories.staff(Role.PAYMENT_MAKER, house.here)
    manager_set(actor=factories.actor_for(house.one), account=third, handle=house.lead.handle)
    payer = asked(house, third, role=Role.ADMINISTRATOR, branch=None)
    right_agree(actor=factories.actor_for(house.lead), row=payer)
    with pytest.raises(Refused, match="neither approves nor pays"):
        right_give(actor=factories.actor_for(house.one), row=payer)
    assert right_give(actor=factories.actor_for(house.one), row=row).grant is not None


def test_a_manager_declines_before_and_an_administrator_after(house: House) -> None:
    row = right_decline(actor=factories.actor_for(house.lead), row=asked(house), reason="not before May")
    assert (row.state, row.answer.reveal(), told(house.officer)[0]) == (
        RequestState.DECLINED,
        "not before May",
        "right_declined",
    )
    second = agreed(house)
    with pytest.raises(Refused):
        right_decline(actor=factories.actor_for(house.lead), row=second, reason="changed my mind")
    right_decline(actor=factories.actor_for(house.one), row=second, reason="wrong branch")
    assert newest(Tag.RIGHT_DECLINED)["person"] == house.one.person_id
    with pytest.raises(BadInput, match="no longer waits"):
        right_give(actor=factories.actor_for(house.one), row=second)


def test_a_stranger_neither_sees_a_request_nor_takes_it_back(house: House) -> None:
    row = asked(house)
    stranger = factories.staff(Role.APPRAISER, house.here)
    for call in (lambda who: right_seen(who, row.uuid), lambda who: right_withdraw(actor=who, row=row)):
        with pytest.raises(NotVisible):
            call(factories.actor_for(stranger))
    assert right_seen(factories.actor_for(house.lead), row.uuid) == row


def test_a_request_whose_last_day_has_passed_is_over(house: House) -> None:
    row = agreed(house, until=clock.today() + DAY)
    with clock.at(row.until):
        assert row.state is RequestState.LAPSED
        with pytest.raises(BadInput, match="no longer waits"):
            right_give(actor=factories.actor_for(house.one), row=row)


def test_a_role_that_ends_is_asked_for_anew_and_goes_on_without_a_gap(house: House) -> None:
    first = right_give(actor=factories.actor_for(house.one), row=agreed(house, until=clock.today() + 10 * DAY))
    again = right_give(actor=factories.actor_for(house.one), row=agreed(house, until=clock.today() + 200 * DAY))
    assert again.grant is not None
    assert (again.grant.starts, again.grant.ends) == (first.until, again.until)
    with clock.at(first.until):
        assert Role.APPRAISER in factories.actor_for(house.officer).role_names
        record = factories.signed_in(Client(), house.officer)
        assert rights_lapse(CLOCK) == 1
        record.refresh_from_db()
        assert record.ended_at is None


def test_an_end_is_announced_once_and_recorded_once_and_the_sessions_end_with_it(house: House) -> None:
    row = right_give(actor=factories.actor_for(house.one), row=agreed(house))
    assert rights_warn(CLOCK) == 0
    with clock.at(row.until - 13 * DAY):
        assert (rights_warn(CLOCK), rights_warn(CLOCK), rights_lapse(CLOCK)) == (1, 0, 0)
        assert told(house.officer)[0] == told(house.lead)[0] == "right_ending"
    with clock.at(row.until):
        session = factories.signed_in(Client(), house.officer)
        assert (rights_lapse(CLOCK), rights_lapse(CLOCK), rights_warn(CLOCK)) == (1, 0, 0)
        session.refresh_from_db()
        assert (session.end_reason, told(house.officer)[0]) == ("role_change", "right_ended")
        assert newest(Tag.ROLE_LAPSED)["name"] == "system:clock"


def test_a_role_that_somebody_ended_is_not_ended_again(house: House) -> None:
    row = right_give(actor=factories.actor_for(house.one), row=agreed(house))
    assert row.grant is not None
    role_revoke(actor=factories.actor_for(house.one), grant=row.grant, reason="moved on")
    with clock.at(row.until + DAY):
        assert (rights_warn(CLOCK), rights_lapse(CLOCK)) == (0, 0)


def test_no_role_is_given_for_longer_than_a_year(house: House) -> None:
    with pytest.raises(BadInput, match="a year from now"):
        role_grant(
            actor=factories.actor_for(house.one), person=house.officer.person, role=Role.APPRAISER, branch=None, reason="x",
            ends=clock.now() + 400 * DAY,
        )  # fmt: skip
    assert not RoleGrant.objects.filter(person=house.officer.person, role=Role.APPRAISER).exists()


@pytest.mark.parametrize(("handle", "words"), [("lead", "their own line manager"), ("nobody", "no such colleague")])
def test_a_line_of_managers_never_leads_back(house: House, handle: str, words: str) -> None:
    named = {"lead": house.lead.handle}.get(handle, handle)
    with pytest.raises(BadInput, match=words):
        manager_set(actor=factories.actor_for(house.one), account=house.head, handle=named)


def test_nobody_sets_their_own_manager_and_only_administrators_set_any(house: House) -> None:
    with pytest.raises(Refused, match="own account"):
        manager_set(actor=factories.actor_for(house.one), account=house.one, handle=house.head.handle)
    with pytest.raises(Refused, match="does not include"):
        manager_set(actor=factories.actor_for(house.head), account=house.officer, handle=house.head.handle)
    manager_set(actor=factories.actor_for(house.one), account=house.officer, handle=house.head.handle)
    assert rights.managers_above(house.officer.person_id) == [house.head.person_id]
    assert newest(Tag.MANAGER_SET)["note"]["manager"] == house.head.person_id


def test_the_database_holds_what_the_services_refuse(house: House) -> None:
    line = ReportingLine(person=house.compliance.person, manager=house.compliance.person)
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()
    row = asked(house)
    row.agreed_by_id, row.agreed_at = row.asked_by_id, clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_powerful_roles_are_the_same_whichever_way_they_are_asked_for(house: House) -> None:
    """The request gives nothing by itself: the row that counts comes from the same door, with the same wait."""
    for role in (Role.PAYMENT_CHECKER, Role.APPROVER_1):
        assert role in POWERFUL
        grant = right_give(actor=factories.actor_for(house.one), row=agreed(house, role=role)).grant
        assert grant is not None
        assert (grant.needs_second, grant.approved_at) == (True, None)
