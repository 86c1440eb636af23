"""Attacks on the doors: planted sessions, redirections, forged headers, telling wording, and roles withdrawn between page and click."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.conf import settings as live
from django.contrib.auth.hashers import get_hasher
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.access.models import RoleGrant
from apps.access.roles import Role
from apps.access.selectors import grants_live, resets_open
from apps.access.services import role_grant, role_revoke
from apps.access.services.resetting import reset_start
from apps.accounts.models import Account, SessionRecord
from apps.accounts.rules import ACCOUNT_LIMIT
from apps.accounts.services.people import Particulars, account_suspend, person_invite
from apps.accounts.services.places import registration_switch
from apps.audit.tags import Tag
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db
SIGN_IN, FACTOR, PROFILE = reverse("accounts:sign_in"), reverse("accounts:factor"), reverse("accounts:profile")
COOKIE = live.SESSION_COOKIE_NAME
CHANGING = re.compile(r'(name="csrfmiddlewaretoken" value|X-CSRFToken)[^>]*|<code>[0-9a-f]{32}</code>|value="[^"]*"')


def enter(client: Client, owner: Account, **headers: str) -> Any:
    """Type name and password."""
    return client.post(SIGN_IN, {"name": owner.handle, "password": PASSWORD}, headers=headers)


def prove(client: Client, owner: Account) -> Any:
    """Type the code."""
    return client.post(FACTOR, {"code": factories.code_for(owner)})


def with_key(key: str) -> Client:
    """A browser with a session's key of somebody's choice."""
    client = Client()
    client.cookies[COOKIE] = key
    return client


# planted sessions


def test_a_session_planted_before_the_sign_in_opens_nothing_afterwards() -> None:
    owner, attacker = factories.staff(), Client()
    attacker.get(SIGN_IN, {"next": PROFILE})
    planted = attacker.cookies[COOKIE].value
    victim = with_key(planted)
    enter(victim, owner)
    prove(victim, owner)
    assert victim.get(PROFILE).status_code == 200
    assert victim.cookies[COOKIE].value != planted
    for page in (PROFILE, FACTOR):
        assert with_key(planted).get(page)["Location"].startswith(SIGN_IN)
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_session_planted_between_the_steps_opens_nothing_afterwards() -> None:
    owner, first = factories.staff(), Client()
    enter(first, owner)
    half_way = first.cookies[COOKIE].value
    prove(first, owner)
    assert first.get(PROFILE).status_code == 200
    assert with_key(half_way).get(PROFILE)["Location"].startswith(SIGN_IN)


def test_a_made_up_key_is_never_taken_over() -> None:
    owner, victim = factories.staff(), with_key("a" * 32)
    enter(victim, owner)
    prove(victim, owner)
    assert victim.cookies[COOKIE].value != "a" * 32
    assert not Session.objects.filter(session_key="a" * 32).exists()


def test_the_attackers_own_half_way_session_in_a_victims_browser_is_gone_when_they_sign_in() -> None:
    attacker, owner = factories.staff(), factories.staff()
    victim = Client()
    enter(victim, attacker)
    enter(victim, owner)
    prove(victim, owner)
    assert SessionRecord.objects.get().account == owner


def test_a_session_whose_keys_name_somebody_else_is_nobodys(client: Client) -> None:
    """What stands in the server's session is compared: a record of another's under one's own login opens nothing."""
    owner, other = factories.staff(), factories.staff(Role.ADMINISTRATOR)
    factories.signed_in(client, owner)
    record = factories.signed_in(Client(), other)
    store = SessionStore(client.cookies[COOKIE].value)
    store["record"] = record.uuid.hex
    store.save()
    assert client.get(PROFILE)["Location"].startswith(SIGN_IN)


# redirections

ELSEWHERE = (
    "https://evil.test/", "//evil.test/", "///evil.test", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)",
    "http:evil.test", "/\t/evil.test", "/\n/evil.test", "//testserver@evil.test/", "https://testserver.evil.test/", " //evil.test",
)  # fmt: skip


def _after_sign_in(client: Client, owner: Account, target: str) -> Any:
    client.get(SIGN_IN, {"next": target})
    enter(client, owner)
    return prove(client, owner)


def _signed_in_already(client: Client, owner: Account, target: str) -> Any:
    factories.signed_in(client, owner)
    return client.get(SIGN_IN, {"next": target})


def _after_step_up(client: Client, owner: Account, target: str) -> Any:
    factories.signed_in(client, owner)
    return client.post(
        f"{reverse('accounts:step_up')}?{urlencode({'next': target})}", {"code": factories.code_for(owner)}
    )


def _after_language(client: Client, owner: Account, target: str) -> Any:
    return client.post(reverse("set_language"), {"language": "en", "next": target})


DOORS: dict[str, Callable[[Client, Account, str], Any]] = {
    "signing in": _after_sign_in, "signed in already": _signed_in_already, "step-up": _after_step_up,
    "the language switch": _after_language,
}  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("door", DOORS)
def test_no_door_leads_to_another_site(door: str, target: str, client: Client) -> None:
    answer = DOORS[door](client, factories.staff(), target)
    assert answer.status_code in {302, 204}
    assert answer.headers.get("Location", "/") == "/"


@pytest.mark.parametrize(
    "referring",
    [
        "https://evil.test/cases/",
        "http://testserver.evil.test/",
        "http://testserver@evil.test/",
        "http://testserver//evil.test/",
    ],
)
@pytest.mark.parametrize("header", ["referer", "hx-current-url"])
def test_a_forged_page_before_leads_nowhere_after_the_sign_in(header: str, referring: str, client: Client) -> None:
    answer = client.post(reverse("accounts:sessions_end_others"), headers={header: referring})
    assert answer["Location"] == f"{SIGN_IN}?next=%2F"


# forged headers


def test_a_forged_address_wins_no_more_guesses_and_is_not_recorded(client: Client) -> None:
    owner = factories.staff()
    for number in range(ACCOUNT_LIMIT.failures):
        headers = {
            "x-forwarded-for": f"203.0.113.{number}",
            "forwarded": f"for=203.0.113.{number}",
            "x-real-ip": "203.0.113.9",
        }
        client.post(SIGN_IN, {"name": owner.handle, "password": "wrong"}, headers=headers)
    answer = enter(client, owner, **{"x-forwarded-for": "203.0.113.77"})
    assert answer.status_code == 429
    assert newest(Tag.SIGN_IN_FAILED)["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "believed"),
    [
        (0, "203.0.113.9", "127.0.0.1"), (1, "203.0.113.9", "203.0.113.9"), (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.7", "203.0.113.9"), (2, "203.0.113.9", "127.0.0.1"), (1, "junk", ""),
        (1, "", "127.0.0.1"),
    ],
)  # fmt: skip
def test_a_forwarded_address_is_believed_as_far_as_our_own_proxies(
    proxies: int, forwarded: str, believed: str, client: Client, settings: Settings
) -> None:
    settings.LOANFLOW_PROXIES = proxies
    enter(client, factories.staff(), **{"x-forwarded-for": forwarded})
    assert newest(Tag.PASSWORD_PROVED).get("address", "") == believed


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-forwarded-server", "x-host", "forwarded"])
def test_a_forged_host_stands_in_no_link_that_is_mailed(
    header: str, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    factories.institution()
    registration_switch(actor=SETUP, is_open=True)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("accounts:register"), {"email": "new@example.test", "website": ""}, headers={header: "evil.test"}
        )
    assert "http://testserver/" in mail.outbox[0].body
    assert "evil.test" not in mail.outbox[0].body


@pytest.mark.parametrize("host", ["evil.test", "testserver.evil.test", "testserver@evil.test", "evil.test:80"])
def test_a_host_that_is_not_ours_gets_no_page(host: str, client: Client) -> None:
    assert client.get(SIGN_IN, headers={"host": host}).status_code == 400


def test_a_forged_scheme_does_not_make_a_plain_request_secure(client: Client) -> None:
    assert not client.get(SIGN_IN, headers={"x-forwarded-proto": "https"}).wsgi_request.is_secure()


# telling wording


@pytest.fixture
def names() -> dict[str, str]:
    """Names of staff that mean something and names that mean nothing."""
    owner = factories.staff(handle="officer-1")
    person_invite(actor=SETUP, who=Particulars("new-one", "N", "new@example.test"))
    account_suspend(actor=SETUP, account=factories.staff(handle="gone"), reason="left")
    return {
        "right name": owner.handle, "right address": str(owner.person.email.reveal()), "no name": "nobody",
        "no address": "nobody@example.test", "invited": "new-one", "suspended": "gone", "nothing": "-", "long": "x" * 254,
    }  # fmt: skip


def test_a_wrong_password_reads_the_same_for_staff_whoever_is_meant(names: dict[str, str]) -> None:
    pages, hashes = {}, {}
    hasher = type(get_hasher())
    for what, name in names.items():
        with (
            mock.patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as made,
            mock.patch.object(hasher, "verify", autospec=True, side_effect=hasher.verify) as compared,
        ):
            answer = Client().post(SIGN_IN, {"name": name, "password": "wrong"})
        pages[what] = (answer.status_code, CHANGING.sub("", answer.content.decode()))
        hashes[what] = made.call_count + compared.call_count
    assert len(set(pages.values())) == 1, {what: page[0] for what, page in pages.items()}
    assert len(set(hashes.values())) == 1, hashes


def test_the_right_password_of_a_shut_account_reads_like_a_wrong_one(names: dict[str, str]) -> None:
    right = Client().post(SIGN_IN, {"name": "gone", "password": PASSWORD})
    wrong = Client().post(SIGN_IN, {"name": "gone", "password": "wrong"})
    assert CHANGING.sub("", right.content.decode()) == CHANGING.sub("", wrong.content.decode())
    assert right.status_code == wrong.status_code


def test_links_that_are_used_late_withdrawn_or_made_up_read_the_same() -> None:
    factories.institution()
    links = {"made up": "no-such-link"}
    first = person_invite(actor=SETUP, who=Particulars("used-one", "N", "u@example.test"))
    Client().post(
        reverse("accounts:invitation", args=[first.token]),
        {"password": "four words in a row", "again": "four words in a row"},
    )
    links["used"] = first.token
    second = person_invite(actor=SETUP, who=Particulars("shut-one", "N", "s@example.test"))
    account_suspend(actor=SETUP, account=second.account, reason="left")
    links["of a shut account"] = second.token
    seen = set()
    for token in links.values():
        answer = Client().get(reverse("accounts:invitation", args=[token]))
        seen.add((answer.status_code, CHANGING.sub("", answer.content.decode())))
    assert len(seen) == 1


# between page and click


def _leaves(owner: Account) -> None:
    role_revoke(actor=SETUP, grant=grants_live().get(person=owner.person), reason="moved")


def _is_suspended(owner: Account) -> None:
    account_suspend(actor=SETUP, account=owner, reason="left")


def _loses_the_role_and_signs_in_anew(owner: Account) -> None:
    _leaves(owner)
    role_grant(actor=SETUP, person=owner.person, role=Role.LOAN_OFFICER, branch=None, reason="moved")


@pytest.mark.parametrize("happens", [_leaves, _is_suspended, _loses_the_role_and_signs_in_anew])
@pytest.mark.parametrize("what", ["grant", "suspend", "reset"])
def test_what_happens_between_page_and_click_stops_the_click(
    what: str, happens: Callable[[Account], None], client: Client
) -> None:
    owner, colleague, asker, _third = (
        factories.staff(Role.ADMINISTRATOR),
        factories.staff(),
        factories.staff(Role.ADMINISTRATOR),
        factories.staff(Role.ADMINISTRATOR),
    )
    reset_start(actor=factories.actor_for(asker), account=colleague, reason="lost", site="https://x.example.test")
    page, form = {
        "grant": (
            reverse("console:role_grant", args=[colleague.handle]),
            {"role": Role.CREDIT_ANALYST, "reason": "more"},
        ),
        "suspend": (reverse("console:person_suspend", args=[colleague.handle]), {"reason": "away"}),
        "reset": (reverse("console:factor_reset_agree", args=[resets_open().get().uuid]), {}),
    }[what]
    factories.signed_in(client, owner)
    assert client.get(page).status_code == 200
    grants = RoleGrant.objects.filter(person=colleague.person).count()
    happens(owner)
    assert client.post(page, form)["Location"].startswith(SIGN_IN), "the session has ended"
    if happens is _loses_the_role_and_signs_in_anew:
        factories.signed_in(client, owner)
        assert client.post(page, form).status_code == 403
    assert RoleGrant.objects.filter(person=colleague.person).count() == grants
    assert Account.objects.get(pk=colleague.pk).is_active
    assert resets_open().exists()
