"""Roles that need a passkey: set by an administrator, on record, and from then on a one-time code opens nothing of theirs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.actors import actor_of
from apps.access.administration import RULES, Change
from apps.access.roles import Role
from apps.access.services.places import passkey_roles_set
from apps.accounts import selectors
from apps.accounts.models import Institution
from apps.accounts.services import factors
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.authenticator import Authenticator
from tests.accounts.log import newest
from tests.accounts.test_passkeys import asked_on, enrolled, here

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Any:
    """An administrator, whose role needs no passkey."""
    return factories.staff(Role.ADMINISTRATOR)


def needed(administrator: Any, *roles: Role) -> None:
    """Have roles need a passkey."""
    passkey_roles_set(actor=factories.actor_for(administrator), roles=roles)


def test_the_setting_is_recorded_with_what_was_before(administrator: Any) -> None:
    needed(administrator, Role.APPROVER_1)
    needed(administrator, Role.APPROVER_1, Role.PAYMENT_CHECKER)
    told = newest(Tag.INSTITUTION_CHANGED)["touched"][0]["changes"]["passkey_roles"]
    assert told == [["approver_1"], ["approver_1", "payment_checker"]]
    assert selectors.roles_with_passkey() == {"approver_1", "payment_checker"}


@pytest.mark.parametrize("roles", [["borrower"], ["nobody"]])
def test_only_roles_of_staff_can_need_one(administrator: Any, roles: list[str]) -> None:
    with pytest.raises(BadInput):
        passkey_roles_set(actor=factories.actor_for(administrator), roles=roles)


def test_only_administrators_with_a_fresh_factor_set_it(administrator: Any) -> None:
    with pytest.raises(Refused):
        passkey_roles_set(actor=factories.actor_for(factories.staff(Role.APPROVER_1)), roles=[])
    with pytest.raises(StepUpNeeded):
        passkey_roles_set(actor=factories.actor_for(administrator, fresh=False), roles=[])


def test_a_code_is_then_no_step_up_for_the_role_alone(administrator: Any) -> None:
    approver, officer = factories.staff(Role.APPROVER_1), factories.staff(Role.LOAN_OFFICER)
    needed(administrator, Role.APPROVER_1)
    now = clock.now()
    for owner, factor, fresh in (
        (approver, Factor.TOTP, False), (approver, Factor.PASSKEY, True), (officer, Factor.TOTP, True),
    ):  # fmt: skip
        assert actor_of(owner, factor=factor, factor_at=now).is_fresh(now) is fresh


def test_who_has_a_passkey_signs_in_with_it_only(administrator: Any, client: Client) -> None:
    approver = factories.staff(Role.APPROVER_1)
    soft = enrolled(approver)
    needed(administrator, Role.APPROVER_1)
    here(client).post(reverse("accounts:sign_in"), {"name": approver.handle, "password": factories.PASSWORD})
    refused = client.post(reverse("accounts:factor"), {"code": factories.code_for(approver)})
    assert refused.status_code == 403
    assert newest(Tag.FACTOR_FAILED)["guard"] == "passkey_needed"
    challenge, sealed = asked_on(refused)
    sent = {"passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)}
    assert client.post(reverse("accounts:factor"), sent).status_code == 302


def test_who_has_none_signs_in_with_a_code_and_can_do_nothing_but_add_one(administrator: Any, client: Client) -> None:
    second = factories.staff(Role.ADMINISTRATOR)
    needed(administrator, Role.ADMINISTRATOR)
    factors.totp_prove(actor=Actor.anonymous(), account=second, code=factories.code_for(second))
    own = factories.signed_in(here(client), second)
    told = client.get(reverse("console:passkey_roles"))
    assert (told.status_code, reverse("accounts:passkey_add") in told.content.decode()) == (403, True)
    with clock.at(clock.now() + dt.timedelta(seconds=30)):
        asked = client.post(
            reverse("console:passkey_roles"), {"one_time_code": factories.code_for(second), "roles": []}
        )
    assert asked.status_code == 403
    assert reverse("accounts:passkey_add") in asked.content.decode()
    assert selectors.roles_with_passkey() == {"administrator"}, "the code has opened nothing"
    page = client.get(reverse("accounts:passkey_add"))
    assert page.status_code == 200
    soft = Authenticator()
    enrolled(second, soft, session=own.uuid.hex)
    challenge, sealed = asked_on(client.get(reverse("accounts:step_up")))
    sent = {"passkey_challenge": sealed, "passkey_answer": soft.signs(challenge)}
    assert client.post(reverse("accounts:step_up"), sent).status_code == 302
    assert client.post(reverse("console:passkey_roles"), {"roles": ["approver_1"]}).status_code == 302
    assert selectors.roles_with_passkey() == {"administrator", "approver_1"}, "nobody alone takes one off"


@pytest.mark.parametrize(
    ("who", "days", "again", "left"),
    [
        ("another", 0, [Role.APPROVER_1], {"approver_1"}),
        ("another", 6, [Role.APPROVER_1], {"approver_1"}),
        ("the same", 0, [Role.APPROVER_1], {"approver_1", "payment_checker"}),
        ("another", 8, [Role.APPROVER_1], {"approver_1", "payment_checker"}),
        ("another", 0, [], {"approver_1", "payment_checker"}),
        ("another", 0, [Role.APPROVER_1, Role.APPROVER_2], {"approver_1", "approver_2"}),
    ],
)
def test_one_role_less_needs_two_administrators_who_mean_the_same(
    administrator: Any, client: Client, who: str, days: int, again: list[Role], left: set[str]
) -> None:
    other = factories.staff(Role.ADMINISTRATOR) if who == "another" else administrator
    needed(administrator, Role.APPROVER_1, Role.PAYMENT_CHECKER)
    needed(administrator, Role.APPROVER_1)
    assert selectors.roles_with_passkey() == {"approver_1", "payment_checker"}
    factories.signed_in(client, other)
    assert "need no passkey any more: Payment checker" in client.get(reverse("console:passkey_roles")).content.decode()
    with clock.at(clock.now() + dt.timedelta(days=days)):
        needed(other, *again)
    assert set(Institution.objects.get().passkey_roles) == left


def test_the_rule_for_taking_one_off_is_a_row_that_the_proof_reads() -> None:
    rule = RULES[Change.PASSKEY_OFF]
    assert (rule.asks, rule.agree, rule.apart) == (Permission.PEOPLE_INVITE, (Permission.ROLE_APPROVE,), True)


def test_the_page_shows_what_is_set(administrator: Any, client: Client) -> None:
    needed(administrator, Role.PAYMENT_CHECKER)
    factories.signed_in(client, administrator)
    assert "they need a passkey: Payment checker" in client.get(reverse("console:matrix")).content.decode()
    assert client.get(reverse("console:passkey_roles")).status_code == 200


CODE = 'name="code"'


def test_the_step_up_page_asks_for_no_code_where_a_passkey_is_needed(administrator: Any, client: Client) -> None:
    approver, officer = factories.staff(Role.APPROVER_1), factories.staff(Role.LOAN_OFFICER)
    needed(administrator, Role.APPROVER_1)
    enrolled(approver)
    for owner, asks in ((approver, False), (officer, True)):
        factories.signed_in(here(client), owner)
        text = client.get(reverse("accounts:step_up")).content.decode()
        assert (CODE in text) is asks
        assert ("needs your passkey" in text) is not asks
        assert ("data-passkey-go" in text) is not asks


def test_the_step_up_page_leads_who_has_no_passkey_to_adding_one(administrator: Any, client: Client) -> None:
    approver = factories.staff(Role.APPROVER_1)
    needed(administrator, Role.APPROVER_1)
    factories.signed_in(here(client), approver)
    text = client.get(reverse("accounts:step_up")).content.decode()
    assert CODE not in text
    assert reverse("accounts:passkey_add") in text
    assert CODE in client.get(reverse("accounts:passkey_add")).content.decode(), "the first is added with a code"


def test_the_second_step_of_signing_in_asks_for_no_code_either(administrator: Any, client: Client) -> None:
    approver, new = factories.staff(Role.APPROVER_1), factories.staff(Role.APPROVER_1)
    enrolled(approver)
    needed(administrator, Role.APPROVER_1)
    for owner, asks in ((approver, False), (new, True)):
        here(client).post(reverse("accounts:sign_in"), {"name": owner.handle, "password": factories.PASSWORD})
        text = client.get(reverse("accounts:factor")).content.decode()
        assert (CODE in text) is asks
        assert reverse("accounts:recovery") in text


def test_the_next_passkey_is_asked_for_with_a_passkey_and_no_code(client: Client) -> None:
    owner = factories.staff()
    enrolled(owner)
    factories.signed_in(here(client), owner)
    text = client.get(reverse("accounts:passkey_add")).content.decode()
    assert CODE not in text
    assert "data-passkey-go" in text


def test_a_refused_passkey_is_told_on_a_page_without_a_code(administrator: Any, client: Client) -> None:
    approver = factories.staff(Role.APPROVER_1)
    enrolled(approver)
    needed(administrator, Role.APPROVER_1)
    factories.signed_in(here(client), approver)
    answer = client.post(reverse("accounts:step_up"), {"code": factories.code_for(approver)})
    assert answer.status_code == 403
    assert "Your role needs a passkey: a one-time code does not do." in answer.content.decode()
