"""An open session that is used from another network or device: recorded, asked for a factor there, or ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account, SessionRecord
from apps.audit.tags import Tag
from tests.accounts import factories
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) Chrome/139.0 Mobile"
HOME, NEXT_DOOR, ABROAD = "192.0.2.9", "192.0.2.77", "198.51.100.7"
PROFILE = reverse("accounts:profile")
POWERFUL = reverse("console:all_sessions")


@pytest.fixture
def officer() -> Account:
    """Somebody who may end sessions, which takes a fresh factor."""
    return factories.staff(Role.SECURITY_OFFICER)


@pytest.fixture
def session(client: Client, officer: Account) -> SessionRecord:
    """A session that began at home, with Firefox, a moment ago."""
    client.defaults.update(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR=HOME)
    return factories.signed_in(client, officer)


def test_another_address_of_the_same_network_changes_nothing(client: Client, session: SessionRecord) -> None:
    client.defaults["REMOTE_ADDR"] = NEXT_DOOR
    assert client.get(POWERFUL).status_code == 200
    assert count(Tag.SESSION_MOVED) == 0


def test_from_another_network_pages_open_and_what_is_powerful_asks_for_a_factor_there(
    client: Client, session: SessionRecord, officer: Account
) -> None:
    client.defaults["REMOTE_ADDR"] = ABROAD
    assert client.get(PROFILE).status_code == 200
    assert client.get(POWERFUL).url.startswith(reverse("accounts:step_up"))
    asked = client.post(POWERFUL)
    assert asked.status_code == 403
    assert "at another place" in asked.content.decode()
    assert not Account.objects.filter(pk=officer.pk, is_active=False).exists(), "nobody is locked out"
    assert client.post(POWERFUL, {"one_time_code": factories.code_for(officer)}).status_code == 302
    assert client.get(POWERFUL).status_code == 200
    session.refresh_from_db()
    assert session.factor_network == "198.51.100.0/24"


def test_each_place_is_recorded_once(client: Client, session: SessionRecord) -> None:
    for address in (ABROAD, HOME, ABROAD, "203.0.113.4", ABROAD):
        client.defaults["REMOTE_ADDR"] = address
        client.get(PROFILE)
    assert count(Tag.SESSION_MOVED) == 2
    note = newest(Tag.SESSION_MOVED)["note"]
    assert (note["changed"], note["was"]) == (["network"], ["192.0.2.0/24", "Firefox · Windows"])
    assert newest(Tag.SESSION_MOVED)["address"] == "203.0.113.4"


def test_where_the_factor_was_proved_it_goes_on_counting(client: Client, session: SessionRecord) -> None:
    client.defaults["REMOTE_ADDR"] = ABROAD
    client.get(PROFILE)
    client.defaults["REMOTE_ADDR"] = HOME
    assert client.get(POWERFUL).status_code == 200


def test_with_another_kind_of_device_the_session_ends_and_says_why(client: Client, session: SessionRecord) -> None:
    client.defaults["HTTP_USER_AGENT"] = CHROME
    assert client.get(PROFILE).url.startswith(reverse("accounts:sign_in"))
    assert "another device" in client.get(reverse("accounts:sign_in")).content.decode()
    session.refresh_from_db()
    assert session.end_reason == "moved"
    assert (count(Tag.SESSION_MOVED), newest(Tag.SESSION_ENDED)["note"]["reason"]) == (1, "moved")
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    assert client.get(PROFILE).status_code == 302, "it has ended for whoever began it too"


def test_a_newer_version_of_the_browser_is_the_same_device(client: Client, session: SessionRecord) -> None:
    client.defaults["HTTP_USER_AGENT"] = FIREFOX.replace("140.0", "141.0")
    assert client.get(POWERFUL).status_code == 200


@pytest.mark.parametrize(
    ("network", "device", "profile", "powerful"),
    [("note", "note", 200, 200), ("step_up", "step_up", 200, 302), ("sign_in", "note", 302, 302)],
)
def test_the_institution_chooses_what_follows(
    client: Client, session: SessionRecord, settings: Any, network: str, device: str, profile: int, powerful: int
) -> None:
    settings.LOANFLOW_MOVED = {"network": network, "device": device}
    client.defaults.update(REMOTE_ADDR=ABROAD, HTTP_USER_AGENT=CHROME)
    assert client.get(PROFILE).status_code == profile
    assert client.get(POWERFUL).status_code == powerful
    assert count(Tag.SESSION_MOVED) == 1


def test_a_borrower_at_another_network_confirms_there_too(client: Client) -> None:
    owner = factories.borrower_account()
    client.defaults.update(REMOTE_ADDR=HOME)
    factories.signed_in(client, owner)
    client.defaults["REMOTE_ADDR"] = ABROAD
    assert client.get(PROFILE).status_code == 200
    assert not client.get(PROFILE).wsgi_request.actor.is_confirmed(client.get(PROFILE).wsgi_request.actor.factor_at)


def test_a_recovery_code_of_elsewhere_replaces_no_factor(client: Client) -> None:
    owner = factories.staff()
    client.defaults.update(REMOTE_ADDR=HOME)
    factories.signed_in(client, owner, factories.Factor.RECOVERY)
    client.defaults["REMOTE_ADDR"] = ABROAD
    assert client.post(reverse("accounts:replace")).status_code == 403
    client.defaults["REMOTE_ADDR"] = HOME
    assert client.post(reverse("accounts:replace")).status_code == 302
