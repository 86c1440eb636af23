"""The pages of rights: my own, my people's, those of the house; asking, agreeing, giving, and who one's manager is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from apps.access.models import RightRequest, RoleGrant
from apps.access.models.rights import RequestState
from apps.access.roles import Role
from apps.access.services.rights import manager_set
from apps.accounts.models import Account
from apps.core import clock
from tests.accounts import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    """An officer of a branch."""
    return factories.staff(branch=factories.branch("JN"), handle="officer-1")


@pytest.fixture
def lead(officer: Account, admin: Account) -> Account:
    """The officer's line manager."""
    made = factories.staff(Role.TEAM_LEAD, factories.branch("JN"), handle="lead-1")
    manager_set(actor=factories.actor_for(admin), account=officer, handle="lead-1")
    return made


@pytest.fixture
def admin() -> Account:
    """An administrator."""
    return factories.staff(Role.ADMINISTRATOR, handle="admin-1")


def browser(owner: Account) -> Client:
    """A signed-in browser."""
    client = Client()
    factories.signed_in(client, owner)
    return client


def form(**given: str) -> dict[str, str]:
    """What the form of a request sends."""
    until = (clock.today() + dt.timedelta(days=90)).isoformat()
    return {"handle": "", "role": "appraiser", "branch": "", "until": until, "reason": "Wu is on leave", **given}


def test_a_right_is_asked_for_agreed_to_and_given_in_the_browser(
    officer: Account, lead: Account, admin: Account
) -> None:
    mine, theirs, house = browser(officer), browser(lead), browser(admin)
    assert mine.post("/rights/new/", form()).url == "/rights/"
    assert "waits for the line manager" in mine.get("/rights/").content.decode()
    row = RightRequest.objects.get()
    text = theirs.get("/rights/team/").content.decode()
    assert "Wu is on leave" in text
    assert f"/rights/{row.uuid}/agree/" in text
    assert "Requests of your people" in theirs.get("/").content.decode()
    assert theirs.post(f"/rights/{row.uuid}/agree/").url == "/rights/team/"
    assert f"/rights/{row.uuid}/give/" in house.get("/rights/asked/").content.decode()
    assert house.post(f"/rights/{row.uuid}/give/").url == "/rights/asked/"
    assert RoleGrant.objects.get(role=Role.APPRAISER).request == row
    text = browser(officer).get("/rights/").content.decode()
    assert "in force" in text
    assert "admin-1" in text
    assert "officer-1" in theirs.get("/rights/team/").content.decode()
    assert "Wu is on leave" in house.get("/rights/asked/?all=on").content.decode()
    assert "Wu is on leave" not in house.get("/rights/asked/").content.decode()


def test_a_refusal_says_why_and_keeps_what_was_typed(officer: Account, lead: Account) -> None:
    answer = browser(officer).post("/rights/new/", form(until="2099-01-01"))
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "at most a year from now" in text
    assert "Wu is on leave" in text


def test_a_request_is_declined_with_words_and_one_is_taken_back(officer: Account, lead: Account) -> None:
    mine = browser(officer)
    mine.post("/rights/new/", form())
    row = RightRequest.objects.get()
    assert browser(lead).post(f"/rights/{row.uuid}/decline/", {"reason": "not before May"}).url == "/rights/team/"
    assert "not before May" in mine.get("/rights/").content.decode()
    mine.post("/rights/new/", form())
    again = RightRequest.objects.latest("pk")
    assert mine.post(f"/rights/{again.uuid}/take-back/").url == "/rights/"
    again.refresh_from_db()
    assert again.state is RequestState.WITHDRAWN


def test_agreeing_and_giving_ask_for_a_fresh_factor(officer: Account, lead: Account) -> None:
    browser(officer).post("/rights/new/", form())
    row, client = RightRequest.objects.get(), browser(lead)
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert client.get(f"/rights/{row.uuid}/agree/").url.startswith("/account/step-up/")


def test_somebody_elses_request_is_nowhere_to_be_seen(officer: Account, lead: Account) -> None:
    browser(officer).post("/rights/new/", form())
    row, stranger = RightRequest.objects.get(), browser(factories.staff(Role.APPRAISER))
    for page in ("agree", "decline", "take-back"):
        assert stranger.post(f"/rights/{row.uuid}/{page}/", {"reason": "because"}).status_code == 404
    assert stranger.post(f"/rights/{row.uuid}/give/").status_code == 403
    assert stranger.get("/rights/asked/").status_code == 403


def test_an_administrator_enters_who_leads_whom(officer: Account, admin: Account) -> None:
    factories.staff(Role.TEAM_LEAD, handle="lead-2")
    house = browser(admin)
    assert house.post("/people/officer-1/manager/", {"handle": "lead-2"}).url == "/people/officer-1/"
    assert "lead-2" in house.get("/people/officer-1/").content.decode()
    assert house.post("/people/officer-1/manager/", {"handle": "officer-1"}).status_code == 400


def test_a_role_granted_without_a_word_about_its_end_lasts_a_year(officer: Account, admin: Account) -> None:
    asked = {"role": "appraiser", "branch": "", "ends": "", "reason": "helps out"}
    assert browser(admin).post("/people/officer-1/roles/grant/", asked).status_code == 302
    ends = RoleGrant.objects.get(role=Role.APPRAISER).ends
    assert ends is not None
    assert dt.timedelta(days=364) < ends - clock.now() <= dt.timedelta(days=366)


@pytest.mark.parametrize(("role", "waits"), [("appraiser", False), ("approver_1", True)])
def test_whoever_gives_a_right_reads_for_whom_and_whether_others_agree(
    officer: Account, lead: Account, admin: Account, role: str, waits: bool
) -> None:
    browser(officer).post("/rights/new/", form(role=role))
    row = RightRequest.objects.get()
    browser(lead).post(f"/rights/{row.uuid}/agree/")
    text = browser(admin).get(f"/rights/{row.uuid}/give/").content.decode()
    assert "For officer-1." in text
    assert "Reason: Wu is on leave" in text
    assert ("These wait until another administrator" in text) is waits
