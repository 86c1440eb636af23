"""Sessions of others: ended by whoever may suspend, with a fresh factor, never their own person's by the back door."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.access.services.sessions import everybodys_sessions_end, staff_sessions_end
from apps.accounts.models import SessionRecord
from apps.audit.tags import Tag
from apps.core.errors import Refused, StepUpNeeded
from tests.accounts import factories
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db


def test_a_colleagues_sessions_end_at_the_next_request_and_the_account_stays() -> None:
    officer, colleague = factories.staff(Role.SECURITY_OFFICER), factories.staff()
    browsers = [Client(), Client()]
    for each in browsers:
        factories.signed_in(each, colleague)
    assert staff_sessions_end(actor=factories.actor_for(officer), account=colleague) == 2
    assert [each.get("/work/").status_code for each in browsers] == [302, 302]
    assert newest(Tag.SESSION_ENDED)["note"] == {"reason": "ended_by_officer"}
    factories.signed_in(browsers[0], colleague)
    assert browsers[0].get("/work/").status_code == 200


def test_everybody_is_signed_out_but_whoever_says_so(client: Client) -> None:
    officer = factories.staff(Role.SECURITY_OFFICER)
    own = factories.signed_in(client, officer)
    others = [factories.staff(), factories.borrower_account()]
    for each in others:
        factories.signed_in(Client(), each)
    client.post(reverse("console:all_sessions"))
    assert list(SessionRecord.objects.filter(ended_at=None)) == [own]
    assert count(Tag.SESSION_ENDED) == len(others)
    assert newest(Tag.SESSIONS_ENDED)["note"] == {"count": len(others), "reason": "ended_by_officer"}
    assert client.get(reverse("console:people")).status_code == 200


@pytest.mark.parametrize("open_ones", [0, 3])
def test_that_everybody_was_signed_out_is_one_event_whatever_the_count(open_ones: int) -> None:
    officer = factories.staff(Role.SECURITY_OFFICER)
    for _each in range(open_ones):
        factories.signed_in(Client(), factories.staff())
    assert everybodys_sessions_end(actor=factories.actor_for(officer)) == open_ones
    assert (count(Tag.SESSIONS_ENDED), count(Tag.SESSION_ENDED)) == (1, open_ones)
    event = newest(Tag.SESSIONS_ENDED)
    assert (event["note"]["count"], event["person"]) == (open_ones, officer.person_id)


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.AUDITOR, Role.TEAM_LEAD])
def test_who_may_not_suspend_ends_nobodys_session(role: Role) -> None:
    other, colleague = factories.actor_for(factories.staff(role)), factories.staff()
    factories.signed_in(Client(), colleague)
    for act in (
        lambda: staff_sessions_end(actor=other, account=colleague),
        lambda: everybodys_sessions_end(actor=other),
    ):
        with pytest.raises(Refused):
            act()
    assert not SessionRecord.objects.exclude(ended_at=None).exists()


def test_it_needs_a_fresh_factor_and_ones_own_are_ended_on_ones_own_page() -> None:
    officer = factories.staff(Role.SECURITY_OFFICER)
    with pytest.raises(StepUpNeeded):
        everybodys_sessions_end(actor=factories.actor_for(officer, fresh=False))
    with pytest.raises(Refused) as refused:
        staff_sessions_end(actor=factories.actor_for(officer), account=officer)
    assert refused.value.guard == "own_account"


def test_the_page_of_a_person_leads_there_while_a_session_is_open(client: Client) -> None:
    officer, colleague = factories.staff(Role.SECURITY_OFFICER), factories.staff()
    factories.signed_in(client, officer)
    address = reverse("console:person_sessions", args=[colleague.handle])
    page = reverse("console:person", args=[colleague.handle])
    assert address not in client.get(page).content.decode()
    factories.signed_in(Client(), colleague)
    assert address in client.get(page).content.decode()
    client.post(address)
    assert address not in client.get(page).content.decode()
