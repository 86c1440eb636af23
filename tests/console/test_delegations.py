"""The pages of deputies: handing over, agreeing, acting for another under a banner, stopping, ending."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.middleware import ACTING
from apps.access.models import Delegation
from apps.access.roles import Role
from apps.access.services.delegating import Handover, delegation_make
from apps.accounts.models import Account
from apps.audit.tags import Tag
from apps.core import clock
from tests.accounts import factories
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db

LIST = "/deputies/"


@pytest.fixture
def officer() -> Account:
    """The officer who goes on leave."""
    return factories.staff(branch=factories.branch("JN"), handle="officer-1")


@pytest.fixture
def analyst() -> Account:
    """The colleague who stands in."""
    return factories.staff(Role.CREDIT_ANALYST, factories.branch("JN"), handle="analyst-1")


def browser(owner: Account) -> Client:
    """A signed-in browser."""
    client = Client()
    factories.signed_in(client, owner)
    return client


def row_of(officer: Account) -> Delegation:
    """The officer's right in the analyst's hands."""
    wanted = Handover("analyst-1", Role.LOAN_OFFICER, None, clock.now() + dt.timedelta(days=7), "on leave")
    return delegation_make(actor=factories.actor_for(officer), wanted=wanted)


def test_a_right_is_handed_over_and_taken_up_and_laid_down(officer: Account, analyst: Account) -> None:
    ends = (clock.now() + dt.timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    asked = {"deputy": "analyst-1", "role": "loan_officer", "branch": "", "ends": ends, "reason": "on leave"}
    assert browser(officer).post(f"{LIST}new/", asked).url == LIST
    row = Delegation.objects.get()
    client = browser(analyst)
    assert "Act for them" in client.get(LIST).content.decode()
    assert client.get(reverse("applications:new")).status_code == 403
    assert client.post(f"{LIST}{row.uuid}/act/").url == "/"
    shown = client.get(LIST).content.decode()
    assert "You act for officer-1 (Loan officer)" in shown
    assert client.get(reverse("applications:new")).status_code == 200
    assert newest(Tag.DELEGATION_TAKEN_UP)["on_behalf_of"]["name"] == "officer-1"
    assert client.post(f"{LIST}stop/").url == LIST
    assert "You act for officer-1" not in client.get(LIST).content.decode()
    assert client.get(reverse("applications:new")).status_code == 403


def test_an_ended_right_is_laid_down_at_the_next_request(officer: Account, analyst: Account) -> None:
    row, client = row_of(officer), browser(analyst)
    client.post(f"{LIST}{row.uuid}/act/")
    assert browser(officer).post(f"{LIST}{row.uuid}/end/").url == LIST
    text = client.get(LIST).content.decode()
    assert "in your own name again" in text
    assert ACTING not in client.session
    assert client.get(reverse("applications:new")).status_code == 403


def test_a_step_up_keeps_whom_one_acts_for(officer: Account, analyst: Account) -> None:
    row, client = row_of(officer), browser(analyst)
    client.post(f"{LIST}{row.uuid}/act/")
    answer = client.post(f"{LIST}{row.uuid}/end/", {"one_time_code": factories.code_for(analyst)})
    assert answer.url == LIST
    ended = newest(Tag.DELEGATION_ENDED)
    assert ended["on_behalf_of"]["name"] == "officer-1"


def test_acting_asks_for_a_fresh_factor(officer: Account, analyst: Account) -> None:
    row, client = row_of(officer), browser(analyst)
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        for page in ("new/", f"{row.uuid}/act/"):
            assert client.get(f"{LIST}{page}").url.startswith("/account/step-up/")


def test_anothers_right_is_nowhere_to_be_seen(officer: Account, analyst: Account) -> None:
    row, client = row_of(officer), browser(factories.staff(Role.APPRAISER))
    for page in ("act", "end"):
        assert client.post(f"{LIST}{row.uuid}/{page}/").status_code == 404
    assert "officer-1" not in client.get(LIST).content.decode()


def test_a_lead_agrees_to_power_or_rejects_it(analyst: Account) -> None:
    place = factories.branch("JN")
    approver, lead = factories.staff(Role.APPROVER_1, place), browser(factories.staff(Role.TEAM_LEAD, place))
    ends = (clock.now() + dt.timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
    asked = {
        "deputy": "analyst-1",
        "role": "approver_1",
        "branch": str(place.pk),
        "most": "50万",
        "ends": ends,
        "reason": "leave",
    }
    for answer in ("agree", "reject"):
        assert browser(approver).post(f"{LIST}new/", asked).url == LIST
        row = Delegation.objects.latest("pk")
        assert row.is_waiting
        assert f"{row.uuid}/{answer}/" in lead.get(LIST).content.decode()
        assert lead.post(f"{LIST}{row.uuid}/{answer}/").url == LIST
        browser(approver).post(f"{LIST}{row.uuid}/end/")


def test_a_borrower_has_no_deputies(client: Client) -> None:
    factories.signed_in(client, factories.borrower_account())
    assert client.get(LIST).status_code == 403


def test_each_question_about_a_delegation_says_from_whom_to_whom(officer: Account, analyst: Account) -> None:
    row = row_of(officer)
    for client, page in ((browser(analyst), "act"), (browser(officer), "end")):
        text = client.get(f"{LIST}{row.uuid}/{page}/").content.decode()
        assert "From officer-1 to analyst-1." in text
        assert "It holds from" in text
