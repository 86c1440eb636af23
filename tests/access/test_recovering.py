"""No way into a house without administrators but one: two named people, by command, and only where there are too few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.access.administration import FEWEST_ADMINISTRATORS, RULES, Change
from apps.access.management.commands import administrator_recover as command
from apps.access.models import RightRequest, RoleGrant
from apps.access.models.rights import RequestState
from apps.access.roles import Role
from apps.access.selectors import grants_live, persons_able
from apps.access.services import role_revoke
from apps.access.services.people import staff_suspend
from apps.access.services.recovering import LASTS, administrator_recover
from apps.access.services.rights import Wanted, manager_set, right_agree, right_ask, right_give
from apps.access.services.terms import rights_warn
from apps.accounts.models import Account
from apps.accounts.services.people import account_suspend
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, LoanFlowError, Refused
from apps.core.permissions import Permission
from apps.workflow.models import Notice
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import newest
from tests.worlds import once_a_module

DAY = dt.timedelta(days=1)
RECOVERY, CLOCK = Actor.system("recovery"), Actor.system("clock", channel="test")


class House:
    """Two administrators, a lead, somebody for security and for compliance, an approver, an officer, a secretary."""

    def __init__(self) -> None:
        self.one, self.other = (factories.staff(Role.ADMINISTRATOR, handle=handle) for handle in ("one", "other"))
        self.lead, self.security = (
            factories.staff(role, handle=role) for role in (Role.TEAM_LEAD, Role.SECURITY_OFFICER)
        )
        self.approver, self.officer = (
            factories.staff(role, handle=role) for role in (Role.APPROVER_1, Role.LOAN_OFFICER)
        )
        self.secretary = factories.staff(Role.COMMITTEE_SECRETARY, handle="secretary")
        self.compliance = factories.staff(Role.COMPLIANCE_OFFICER, handle="compliance")


house = once_a_module(House)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


def grant_of(account: Account) -> RoleGrant:
    """The role of an account's person."""
    return grants_live().get(person=account.person)


def bereft(*accounts: Account) -> None:
    """Take away accounts, whatever the services would say."""
    for account in accounts:
        account_suspend(actor=SETUP, account=account, reason="gone")


def recovered(house: House, handle: str = "compliance", by: tuple[Account, ...] | None = None) -> RoleGrant:
    """A recovery by the lead and security, with the codes that they have now."""
    behind = [each.handle for each in by or (house.lead, house.security)]
    return administrator_recover(actor=RECOVERY, handle=handle, by=behind, code_of=shown, reason="both left the bank")


def shown(handle: str) -> str:
    """The code that somebody's authenticator shows when they are asked."""
    return factories.code_for(Account.objects.get(handle=handle))


# --- what does not happen by itself ---


def test_two_administrators_stay_whoever_revokes(house: House) -> None:
    with pytest.raises(Refused, match="Two administrators"):
        role_revoke(actor=factories.actor_for(house.one), grant=grant_of(house.other), reason="moved")
    third = factories.staff(Role.ADMINISTRATOR)
    role_revoke(actor=factories.actor_for(house.one), grant=grant_of(house.other), reason="moved")
    assert persons_able(Permission.ROLE_GRANT) == {house.one.person_id, third.person_id}


def test_a_role_of_who_cannot_sign_in_is_revoked_even_then(house: House) -> None:
    bereft(house.other)
    role_revoke(actor=SETUP, grant=grant_of(house.other), reason="left")
    assert not grants_live().filter(person=house.other.person).exists()
    with pytest.raises(Refused, match="Two administrators"):
        role_revoke(actor=SETUP, grant=grant_of(house.one), reason="left")


def test_an_offender_is_suspended_though_one_is_left_and_the_last_is_not(house: House) -> None:
    security = factories.actor_for(house.security)
    staff_suspend(actor=security, account=house.other, reason="offender")
    with pytest.raises(Refused, match="cannot be suspended"):
        staff_suspend(actor=security, account=house.one, reason="offender")


def test_who_is_held_back_after_a_loss_leaves_the_house_to_nobody_but_themselves_in_no_case(house: House) -> None:
    """With a sheet of recovery codes one could suspend everybody who might object, and wait for a day."""
    held = replace(factories.actor_for(house.one), signs_from=clock.now() + DAY)
    with pytest.raises(Refused, match="cannot be suspended"):
        staff_suspend(actor=held, account=house.other, reason="in the way")
    staff_suspend(actor=factories.actor_for(house.security), account=house.other, reason="offender")


@pytest.mark.unrecorded
def test_who_cannot_sign_in_is_nobody_to_leave_the_house_to(house: House) -> None:
    Account._base_manager.filter(pk=house.one.pk).update(enrolled_at=None)
    with pytest.raises(Refused, match="cannot be suspended"):
        staff_suspend(actor=factories.actor_for(house.security), account=house.other, reason="offender")


@pytest.mark.parametrize(("third", "alarmed"), [(False, True), (True, False)])
def test_an_end_that_leaves_fewer_than_two_is_told_to_all_who_could_act(
    house: House, third: bool, alarmed: bool
) -> None:
    until = clock.now() + 10 * DAY
    RoleGrant._base_manager.filter(pk=grant_of(house.other).pk).update(ends=until, until=until)
    if third:
        factories.staff(Role.ADMINISTRATOR)
    assert rights_warn(CLOCK) == 1
    told = set(Notice.objects.filter(kind="few_administrators").values_list("person_id", flat=True))
    everybody = {each.person_id for each in (house.one, house.other, house.security, house.compliance)}
    assert told == (everybody if alarmed else set())
    assert ("few_administrators_from" in newest(Tag.ROLE_WARNED)["note"]) is alarmed


# --- the way out ---


def test_two_named_people_make_an_administrator_for_a_month_on_record(house: House, client: Client) -> None:
    bereft(house.one, house.other)
    session = factories.signed_in(client, house.compliance)
    grant = recovered(house)
    assert grant.until == grant.ends
    assert abs(grant.until - clock.now() - LASTS) < dt.timedelta(minutes=1)
    assert Role.ADMINISTRATOR in factories.actor_for(house.compliance).role_names
    event = newest(Tag.ROLE_RECOVERED)
    assert event["name"] == "system:recovery"
    assert event["note"]["by"] == [house.lead.person_id, house.security.person_id]
    assert event["note"]["reason"] == "both left the bank"
    proved = AuditEvent.objects.filter(action=Tag.FACTOR_PROVED).order_by("-id")[:2]
    assert {each.data["person"] for each in proved} == {house.lead.person_id, house.security.person_id}
    told = set(Notice.objects.filter(kind="role_recovered").values_list("person_id", flat=True))
    assert told == {house.lead.person_id, house.security.person_id, house.compliance.person_id}
    session.refresh_from_db()
    assert session.end_reason == "role_change"
    with clock.at(grant.until):
        assert Role.ADMINISTRATOR not in factories.actor_for(house.compliance).role_names


def test_there_are_two_again_and_then_the_way_is_shut(house: House) -> None:
    bereft(house.other)
    recovered(house)
    assert len(persons_able(Permission.ROLE_GRANT)) == FEWEST_ADMINISTRATORS
    with clock.at(clock.now() + dt.timedelta(minutes=2)), pytest.raises(BadInput, match="in the browser"):
        recovered(house, "loan_officer")


@pytest.mark.parametrize(
    ("handle", "by", "words"),
    [
        ("compliance", ["team_lead"], "Two people"),
        ("compliance", ["team_lead", "security_officer", "approver_1"], "Two people"),
        ("team_lead", ["team_lead", "security_officer"], "Two people"),
        ("compliance", ["team_lead", "loan_officer"], "four people"),
        ("compliance", ["team_lead", "other"], "in use: other"),
        ("secretary", ["team_lead", "security_officer"], "holds a role already"),
        ("loan_officer", ["team_lead", "security_officer"], "holds a role already"),
        ("nobody", ["team_lead", "security_officer"], "in use: nobody"),
        ("other", ["team_lead", "security_officer"], "in use: other"),
        ("approver_1", ["team_lead", "security_officer"], "neither approves nor pays"),
        ("one", ["team_lead", "security_officer"], "already holds"),
    ],
)
def test_who_may_not_stand_behind_it_or_become_one_is_told(
    house: House, handle: str, by: list[str], words: str
) -> None:
    bereft(house.other)
    accounts = tuple(Account.objects.get(handle=each) for each in by)
    with pytest.raises(LoanFlowError, match=words):
        recovered(house, handle, accounts)
    assert persons_able(Permission.ROLE_GRANT) == {house.one.person_id}


def test_a_wrong_code_gives_nothing_and_is_on_record(house: House) -> None:
    bereft(house.other)
    codes = {"team_lead": factories.code_for(house.lead), "security_officer": "000000"}
    with pytest.raises(Refused, match="code is wrong"):
        administrator_recover(
            actor=RECOVERY, handle="compliance", by=list(codes), code_of=codes.__getitem__, reason="both left"
        )
    assert newest(Tag.FACTOR_FAILED)["person"] == house.security.person_id
    assert persons_able(Permission.ROLE_GRANT) == {house.one.person_id}


def test_no_person_opens_this_door(house: House) -> None:
    bereft(house.other)
    person, behind = factories.actor_for(house.one), [house.lead.handle, house.security.handle]
    with pytest.raises(Refused, match="does not include"):
        administrator_recover(actor=person, handle="compliance", by=behind, code_of=shown, reason="both left")


def test_each_code_is_proved_before_the_next_is_asked_for(house: House) -> None:
    """It lives for half a minute, and two people at one prompt take longer."""
    bereft(house.other)
    begun = factories.half_minute()
    with clock.at(begun), ExitStack() as later:

        def slowly(handle: str) -> str:
            later.enter_context(clock.at(clock.now() + dt.timedelta(seconds=40)))
            return shown(handle)

        behind = [house.lead.handle, house.security.handle]
        grant = administrator_recover(
            actor=RECOVERY, handle="compliance", by=behind, code_of=slowly, reason="both left"
        )
        assert grant.role == Role.ADMINISTRATOR


@pytest.mark.unrecorded
def test_who_is_held_back_after_a_loss_stands_behind_nobody(house: House) -> None:
    """Whoever found the sheets of two colleagues would make an administrator at once."""
    bereft(house.other)
    until = clock.now() + DAY
    Account._base_manager.filter(pk=house.lead.pk).update(signs_from=until)
    with pytest.raises(BadInput, match="Factors of team_lead were replaced"):
        recovered(house)
    assert persons_able(Permission.ROLE_GRANT) == {house.one.person_id}
    with clock.at(until):
        assert recovered(house).role == Role.ADMINISTRATOR


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the command; each who stands behind it types the code of now."""

    def prompt(words: str) -> str:
        return shown(words.removeprefix("One-time code of ").rstrip(": "))

    monkeypatch.setattr(command, "getpass", prompt)

    def run(*arguments: str) -> str:
        out = StringIO()
        call_command("administrator_recover", *arguments, stdout=out)
        return out.getvalue()

    return run


def test_the_command_asks_for_both_codes_and_says_until_when(house: House, typed: Callable[..., str]) -> None:
    words = ("compliance", "--by", "team_lead", "--by", "security_officer", "--reason", "both left")
    with pytest.raises(CommandError, match="in the browser"):
        typed(*words)
    bereft(house.one, house.other)
    assert f"compliance is an administrator until {clock.today() + LASTS}" in typed(*words)
    assert Role.ADMINISTRATOR in factories.actor_for(house.compliance).role_names


@pytest.mark.parametrize(
    ("given", "handle", "by", "words"),
    [
        ({"behind": 1}, "compliance", ["team_lead"], ""),
        ({"behind": 1}, "compliance", ["team_lead", "security_officer"], "Two people"),
        ({"behind": 3}, "compliance", ["team_lead", "security_officer"], "Two people"),
        ({"trusted": False}, "secretary", ["team_lead", "security_officer"], ""),
        ({"asks": Permission.AUDIT_EXPORT}, "compliance", ["team_lead", "security_officer"], "does not include"),
    ],
)
def test_whom_it_takes_and_whom_it_may_be_for_is_what_its_row_says(
    house: House, given: dict[str, Any], handle: str, by: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bereft(house.other)
    monkeypatch.setitem(RULES, Change.RECOVER, replace(RULES[Change.RECOVER], **given))  # type: ignore[arg-type]
    accounts = tuple(Account.objects.get(handle=each) for each in by)
    if words:
        with pytest.raises(LoanFlowError, match=words):
            recovered(house, handle, accounts)
    else:
        assert recovered(house, handle, accounts).role == Role.ADMINISTRATOR


def test_two_who_invent_a_clerk_cannot_make_that_clerk_an_administrator(house: House) -> None:
    """With it they would have two administrators of their own, and with those anything."""
    clerk = factories.staff(Role.LOAN_OFFICER, handle="clerk")
    staff_suspend(actor=factories.actor_for(house.security), account=house.other, reason="in the way")
    with pytest.raises(BadInput, match="takes four people to give"):
        recovered(house, clerk.handle, (house.one, house.security))
    assert persons_able(Permission.ROLE_GRANT) == {house.one.person_id}


# --- who leaves ---


def test_what_a_leaver_asked_for_is_closed_at_once_and_nothing_else(house: House) -> None:
    administrator = factories.actor_for(house.one)
    for account in (house.officer, house.secretary):
        manager_set(actor=administrator, account=account, handle=house.lead.handle)
    manager_set(actor=administrator, account=house.lead, handle=house.security.handle)
    wanted = Wanted(Role.APPRAISER, None, clock.today() + 9 * DAY, "on leave")
    own = right_ask(actor=factories.actor_for(house.officer), wanted=wanted)
    others = right_ask(actor=factories.actor_for(house.secretary), wanted=wanted)
    right_agree(actor=factories.actor_for(house.lead), row=own)
    staff_suspend(actor=factories.actor_for(house.security), account=house.officer, reason="left")
    assert [RightRequest.objects.get(pk=row.pk).state for row in (own, others)] == [
        RequestState.DECLINED, RequestState.ASKED,
    ]  # fmt: skip
    assert newest(Tag.RIGHT_DECLINED)["note"]["left"] == house.officer.person_id
    with pytest.raises(BadInput, match="no longer waits"):
        right_give(actor=administrator, row=own)


def test_what_a_leaver_asked_for_somebody_else_is_closed_and_they_are_told(house: House) -> None:
    administrator = factories.actor_for(house.one)
    manager_set(actor=administrator, account=house.officer, handle=house.lead.handle)
    manager_set(actor=administrator, account=house.lead, handle=house.security.handle)
    wanted = Wanted(Role.APPRAISER, None, clock.today() + 9 * DAY, "on leave", house.officer.handle)
    row = right_ask(actor=factories.actor_for(house.lead), wanted=wanted)
    staff_suspend(actor=factories.actor_for(house.security), account=house.lead, reason="left")
    assert RightRequest.objects.get(pk=row.pk).state is RequestState.DECLINED
    assert Notice.objects.filter(person=house.officer.person, kind="right_declined").exists()
