"""Administration from the institution's own networks only, where it names them; and never by the network alone."""

from __future__ import annotations

import dataclasses
import ipaddress
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.access.gate import mark_of
from apps.access.roles import ADMINISTERING, FROM_INSIDE, ROLE_TABLE, Role
from apps.access.services import role_grant
from apps.access.services.authority import can
from apps.accounts.models import Account
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db
INSIDE, OUTSIDE = "10.2.3.4", "192.0.2.1"


@pytest.fixture
def inside(settings: Any) -> None:
    """An institution that administers from its own networks only."""
    settings.LOANFLOW_ADMIN_NETWORKS = tuple(map(ipaddress.ip_network, ("10.2.0.0/16", "2001:db8:7::/48")))


@pytest.fixture
def administrator() -> Account:
    """An administrator."""
    return factories.staff(Role.ADMINISTRATOR)


def at(account: Account, address: str, *, fresh: bool = True) -> Actor:
    """The actor of an account at an address."""
    return dataclasses.replace(factories.actor_for(account, fresh=fresh), address=address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (INSIDE, True), ("2001:db8:7:1::5", True), (f"::ffff:{INSIDE}", True), (f"::ffff:{OUTSIDE}", False), (OUTSIDE, False), ("10.3.0.1", False), ("2001:db8:8::1", False),
        ("", False), ("10.2.3.4.5", False),
    ],
)  # fmt: skip
def test_what_is_not_named_is_refused(inside: None, administrator: Account, address: str, allowed: bool) -> None:
    held = FROM_INSIDE & ROLE_TABLE[Role.ADMINISTRATOR]
    assert held
    for permission in held:
        decision = can(at(administrator, address), permission)
        assert (decision.allowed, decision.guard) == ((True, "") if allowed else (False, "network"))


def test_where_no_network_is_named_administration_comes_from_anywhere(administrator: Account) -> None:
    assert can(at(administrator, OUTSIDE), Permission.ROLE_GRANT)


def test_the_network_alone_opens_nothing(inside: None, administrator: Account) -> None:
    """Role, network, a fresh factor, and another person: each is asked for whatever the others say."""
    officer, analyst = factories.staff(), factories.staff(Role.CREDIT_ANALYST)
    wanted: dict[str, Any] = {"person": officer.person, "role": Role.APPRAISER, "branch": None, "reason": "more"}
    for actor, wrong in (
        (at(analyst, INSIDE), Refused),
        (at(administrator, OUTSIDE), Refused),
        (at(administrator, INSIDE, fresh=False), StepUpNeeded),
        (dataclasses.replace(at(administrator, INSIDE), displaced=True), StepUpNeeded),
        (dataclasses.replace(at(administrator, INSIDE), needs_passkey=True), StepUpNeeded),
    ):
        with pytest.raises(wrong):
            role_grant(actor=actor, **wanted)
    assert role_grant(actor=at(administrator, INSIDE), **wanted).role == Role.APPRAISER
    powerful = role_grant(actor=at(administrator, INSIDE), **{**wanted, "role": Role.PAYMENT_MAKER})
    assert powerful.needs_second, "power waits for others whatever one has proved"


def test_the_page_says_from_where_and_it_is_on_record(inside: None, client: Client, administrator: Account) -> None:
    factories.signed_in(client, administrator)
    refused = client.get(reverse("console:person_invite"))
    assert refused.status_code == 403
    assert "own networks only" in refused.content.decode()
    assert newest(Tag.VIEW_REFUSED)["guard"] == "network"
    client.defaults["REMOTE_ADDR"] = INSIDE
    factories.signed_in(client, administrator)
    assert client.get(reverse("console:person_invite")).status_code == 200


def test_stopping_somebody_works_from_anywhere(inside: None, administrator: Account) -> None:
    assert can(at(administrator, OUTSIDE), Permission.PEOPLE_SUSPEND)
    assert can(at(factories.staff(Role.SECURITY_OFFICER), OUTSIDE), Permission.PEOPLE_SUSPEND)


def test_commands_have_no_address_and_work(inside: None) -> None:
    assert can(factories.SETUP, Permission.PEOPLE_INVITE)


def test_all_that_administers_people_and_policies_is_meant() -> None:
    assert FROM_INSIDE > ADMINISTERING


CONFIRMED_IN_PLACE = {"approval:policy_new", "approval:policy_publish"}
"""Pages of a draft policy, which is put in force by a service that asks for the factor itself (``tests/approval/test_policies.py``)."""


def test_no_page_of_administration_writes_without_a_fresh_factor(client: Client) -> None:
    factories.signed_in(client, factories.staff([Role.HEAD_OF_CREDIT, Role.ADMINISTRATOR]))
    for name, view in views():
        if set(mark_of(view)) <= FROM_INSIDE and not stepped(view) and name not in CONFIRMED_IN_PLACE:
            arguments = {"approval:policy_version": [1]}.get(name, [])
            assert client.post(reverse(name, args=arguments)).status_code == 405, name


def stepped(view: Any) -> bool:
    """Tell whether a view's mark demands a fresh factor."""
    return bool(getattr(view, "loanflow_step_up", False))


def views() -> list[tuple[str, Any]]:
    """Views with a permission, by the name of their address."""
    found: list[tuple[str, Any]] = []

    def walk(patterns: list[URLPattern | URLResolver], space: str) -> None:
        for each in patterns:
            if isinstance(each, URLResolver):
                walk(each.url_patterns, f"{each.namespace}:" if each.namespace else space)
            elif isinstance(getattr(each.callback, "loanflow_requires", None), tuple):
                found.append((f"{space}{each.name}", each.callback))

    walk(get_resolver().url_patterns, "")
    return found
