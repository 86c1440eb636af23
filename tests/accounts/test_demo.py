"""Demo people exist in demo mode only, and there a click signs them in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.services import role_grant
from apps.accounts import checks, demo
from apps.accounts.models import Account
from apps.accounts.services import passwords
from apps.accounts.services.people import Particulars, demo_person_make
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.approval import factories as approval

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_mode(settings: Any) -> Any:
    """Switch to demo mode."""
    settings.LOANFLOW_MODE = "demo"
    return settings


def make(handle: str = "demo-officer", kind: str = "staff") -> Account:
    """Make a demo person."""
    factories.institution()
    who = Particulars(handle=handle, name="Demo Person", email=f"{handle}@example.test", kind=kind)
    return demo_person_make(actor=SETUP, who=who)


def test_demo_people_are_refused_outside_demo_mode() -> None:
    with pytest.raises(Refused, match="demo mode only"):
        make()
    assert not Account.objects.filter(demo=True).exists()
    assert checks.check_demo_people(None) == []


def test_the_start_is_refused_where_demo_people_are_left_over(demo_mode: Any) -> None:
    made = make()
    assert checks.check_demo_people(None) == []
    demo_mode.LOANFLOW_MODE = "production"
    found = checks.check_demo_people(None)
    assert [each.id for each in found] == ["accounts.E001"]
    assert found[0].is_serious()
    assert "LOANFLOW_MODE=demo" in str(found[0].msg), "who is in the demo is told the way in"
    with pytest.raises(Refused, match="name or the password"):
        passwords.password_prove(
            actor=Actor.anonymous(address="192.0.2.1"), name=made.handle, password=demo.password_of(made.handle)
        )


def test_an_open_session_of_a_demo_person_ends_with_the_demo(client: Client, demo_mode: Any) -> None:
    factories.signed_in(client, make())
    assert client.get(reverse("accounts:profile")).status_code == 200
    demo_mode.LOANFLOW_MODE = "production"
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_the_sign_in_page_lists_demo_people_with_role_and_branch(client: Client, demo_mode: Any) -> None:
    made = make()
    role_grant(
        actor=SETUP,
        person=made.person,
        role="credit_analyst",
        branch=factories.branch("JN", name="Jinan"),
        reason="demo",
    )
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "demo-officer" in page
    assert "Credit analyst · Jinan" in page
    assert "js/demo.js" in page


def test_no_demo_person_is_named_outside_demo_mode(client: Client, demo_mode: Any) -> None:
    make()
    demo_mode.LOANFLOW_MODE = "production"
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "demo-officer" not in page
    assert "js/demo.js" not in page
    assert client.post(reverse("accounts:demo", args=["demo-officer"])).status_code == 404


@pytest.mark.parametrize("kind", ["staff", "borrower"])
def test_one_click_fills_in_all_that_signing_in_needs(client: Client, demo_mode: Any, kind: str) -> None:
    make(kind=kind)
    with clock.at(factories.half_minute()):
        known = client.post(reverse("accounts:demo", args=["demo-officer"])).json()
        done = client.post(reverse("accounts:sign_in"), {key: known[key] for key in ("name", "password", "code")})
        assert done.status_code == 302
        assert client.get(reverse("accounts:profile")).status_code == 200


@pytest.mark.parametrize(("second", "is_there"), [(0, True), (26, True), (28, False)])
def test_each_half_minute_has_one_code_and_none_that_dies_at_once(
    client: Client, demo_mode: Any, second: int, is_there: bool
) -> None:
    made, address = make(), reverse("accounts:demo", args=["demo-officer"])
    begin = factories.half_minute()
    with clock.at(begin + dt.timedelta(seconds=second)):
        known = client.post(address).json()
        assert bool(known["code"]) is is_there
        if is_there:
            factories.factors.totp_prove(actor=Actor.anonymous(address="192.0.2.1"), account=made, code=known["code"])
        known = client.post(address).json()
        assert known["code"] == ""
        assert f"comes in {30 - second} seconds" in known["wait"]
        assert known["next_in"] == 30 - second
    with clock.at(begin + dt.timedelta(seconds=30)):
        assert client.post(address).json()["code"]


def test_real_people_are_not_filled_in(client: Client, demo_mode: Any) -> None:
    owner = factories.staff()
    assert client.post(reverse("accounts:demo", args=[owner.handle])).status_code == 404
    assert client.get(reverse("accounts:demo", args=[owner.handle])).status_code == 405


def test_demo_passwords_differ_by_person_and_installation(settings: Any) -> None:
    first = demo.password_of("one")
    assert first != demo.password_of("two")
    settings.SECRET_KEY = "another"
    assert first != demo.password_of("one")


def test_the_list_begins_with_a_few_who_have_something_to_do(client: Client, demo_mode: Any) -> None:
    made = make()
    make("demo-borrower", kind="borrower")
    factories.role_found(actor=SETUP, person=made.person, role="approver_1", branch=factories.branch(), reason="demo")
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "demo-borrower</strong> · the portal" in page
    assert "demo-officer</strong> ·" not in page, "nothing waits for them"
    approval.policy()
    approval.case_needing(approval.ONE)
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "demo-officer</strong> · 1 case to sign" in page
    assert page.index("1 case to sign") < page.index("Everybody")


def test_outside_a_demo_nobody_is_asked_what_they_have_to_do(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.Port, "starts", staticmethod(lambda: pytest.fail("this costs queries")))
    assert client.get(reverse("accounts:sign_in")).status_code == 200
