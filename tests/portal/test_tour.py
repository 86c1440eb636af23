"""The tour: every stop of every role stands on a page that the role opens, and is left and taken up again as one likes."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.portal.models import TourProgress
from apps.portal.tour import STOPS, TOURS, tour_of
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.portal.factories import account_for
from tests.workflow import factories
from tests.worlds import once_a_module

world = once_a_module(factories.case)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
TOUR = reverse("portal:tour")


def somebody(case: LoanCase, role: Role) -> Account:
    """An account that holds a role."""
    return account_for(case) if role == Role.BORROWER else factories.worker(role, branch=case.branch)


def test_every_role_has_a_tour_of_five_to_eight_stops_and_no_stop_is_idle() -> None:
    assert set(TOURS) == set(Role)
    assert {role: len(stops) for role, stops in TOURS.items() if not 5 <= len(stops) <= 8} == {}
    assert {code for stops in TOURS.values() for code in stops} == set(STOPS)


@pytest.mark.parametrize("role", [Role.APPROVER_1, Role.APPROVER_2, Role.APPROVER_3])
def test_who_approves_is_told_of_taking_the_next_case_and_of_signing(role: Role) -> None:
    text = " ".join(str(STOPS[code].text) for code in TOURS[role])
    assert "“Take next”" in text
    assert "“Review and sign…”" in text


@pytest.mark.parametrize("role", Role)
def test_each_stop_is_shown_on_a_page_that_the_role_opens(client: Client, world: LoanCase, role: Role) -> None:
    account = somebody(world, role)
    people.signed_in(client, account)
    stops = tour_of(people.actor_for(account))
    assert len(stops) == len(TOURS[role]), "there is a case to show"
    for placed in stops:
        address = client.post(TOUR, {"to": placed.number})["Location"]
        assert address == f"{placed.address}?tour={placed.number}"
        page = client.get(address)
        assert page.status_code == 200, address
        text = html.unescape(page.content.decode())
        assert 'id="tour"' in text, address
        assert str(placed.stop.text) in text
        assert f"stop {placed.number} of {len(stops)}" in text
        assert placed.stop.anchor.removeprefix(".") in text.replace(f'data-tour="{placed.stop.anchor}"', "")


def test_it_is_offered_until_put_away_and_goes_on_where_it_was_left(client: Client, world: LoanCase) -> None:
    people.signed_in(client, somebody(world, Role.CREDIT_ANALYST))
    assert "New here? A tour of three minutes" in client.get("/").content.decode()
    client.post(TOUR, {"to": "3"})
    assert "Go on with the tour?" in client.get("/").content.decode()
    assert "you were here" in client.get(TOUR).content.decode()
    assert client.post(TOUR, {"end": "1"})["Location"] == "/"
    home = client.get("/").content.decode()
    assert "tour of three minutes" not in home
    assert TOUR in home, "the help menu keeps it"
    assert TourProgress.objects.get().stop == 3


def test_behind_the_last_stop_it_ends(client: Client, world: LoanCase) -> None:
    account = somebody(world, Role.BORROWER)
    people.signed_in(client, account)
    client.post(TOUR, {"to": "7"})
    assert client.post(TOUR, {"to": "8"})["Location"] == "/"
    assert TourProgress.objects.get(account=account).ended_at is not None


@pytest.mark.parametrize("asked", ["0", "99", "x", "", "²", "1' OR 1"])
def test_a_stop_that_is_none_shows_nothing(client: Client, world: LoanCase, asked: str) -> None:
    people.signed_in(client, somebody(world, Role.AUDITOR))
    page = client.get("/", {"tour": asked})
    assert page.status_code == 200
    assert 'id="tour"' not in page.content.decode()
    assert client.post(TOUR, {"to": asked})["Location"] == "/"


def test_a_stop_stands_on_its_own_page_only_and_strangers_have_none(client: Client, world: LoanCase) -> None:
    assert client.get(TOUR).status_code == 302
    assert 'id="tour"' not in client.get(reverse("accounts:sign_in"), {"tour": "1"}).content.decode()
    people.signed_in(client, somebody(world, Role.LOAN_OFFICER))
    assert 'id="tour"' not in client.get(reverse("workflow:cases"), {"tour": "1"}).content.decode()


def test_stops_at_a_case_are_left_out_while_there_is_none() -> None:
    account = people.borrower_account()
    codes = [placed.stop for placed in tour_of(people.actor_for(account))]
    assert STOPS["own_home"] in codes or codes == []
    assert not any(stop.of_case for stop in codes)
