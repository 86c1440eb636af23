"""Signing on with a provider that runs as a process of its own, and everything that may be false about what it says."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.access.roles import Role
from apps.accounts.models import Account, SessionRecord
from apps.accounts.services.people import Particulars, account_suspend, person_invite
from apps.audit.tags import Tag
from apps.core.actor import Factor
from tests.accounts import factories
from tests.accounts.factories import SETUP
from tests.accounts.log import count, newest
from tests.accounts.oidc_provider import CLIENT, SECRET
from tests.vault.services import running

pytestmark = pytest.mark.django_db
BEGIN, BACK, SIGN_IN = reverse("accounts:oidc_begin"), reverse("accounts:oidc_back"), reverse("accounts:sign_in")
FACTOR = reverse("accounts:factor")


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """A provider's address."""
    with running("-m", "tests.accounts.oidc_provider") as process:
        assert process.stdout
        yield f"127.0.0.1:{int(process.stdout.readline())}"


@pytest.fixture
def provider(place: str, settings: Settings) -> str:
    """Have the installation sign on with it; nobody signs on there yet."""
    settings.LOANFLOW_OIDC_ISSUER = f"http://{place}"
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"http://{place}/authorize"
    settings.OIDC_OP_TOKEN_ENDPOINT = f"http://{place}/token"
    settings.OIDC_OP_JWKS_ENDPOINT = f"http://{place}/keys"
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT, SECRET
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "apps.accounts.oidc.ProviderBackend"]
    signs_on(place)
    return place


@pytest.fixture
def owner() -> Account:
    """A member of staff whom the provider knows."""
    return factories.staff(Role.APPROVER_1, handle="li-wei")


def ask(place: str, method: str, path: str, body: str = "") -> http.client.HTTPResponse:
    """One request to the provider, no redirection followed."""
    connection = http.client.HTTPConnection(place, timeout=10)
    connection.request(method, path, body.encode())
    answer = connection.getresponse()
    answer.read()
    return answer


def signs_on(place: str, email: str = "li-wei@example.test", **false: Any) -> None:
    """Say who signs on at the provider next, and what is false about its token."""
    assert ask(place, "POST", "/stand-in", json.dumps({"email": email, **false})).status == 200


def sent_off(client: Client, begin: str = BEGIN) -> str:
    """Begin, and go where the browser is sent."""
    return str(client.get(begin)["Location"])


def come_back(place: str, asked: str) -> str:
    """Sign on at the provider; returns where the browser is sent back to."""
    parts = urlsplit(asked)
    back = ask(place, "GET", f"{parts.path}?{parts.query}").getheader("Location") or ""
    return f"{urlsplit(back).path}?{urlsplit(back).query}"


def came_in(client: Client, place: str, begin: str = BEGIN) -> Any:
    """The whole way to the provider and back; what the last page answers."""
    return client.get(come_back(place, sent_off(client, begin)))


def test_it_is_off_unless_it_is_set(client: Client) -> None:
    assert (client.get(BEGIN).status_code, client.get(BACK).status_code) == (404, 404)
    assert BEGIN not in client.get(SIGN_IN).content.decode()


def test_what_the_provider_proves_stands_for_the_password_and_the_factor_follows(
    provider: str, owner: Account, client: Client
) -> None:
    assert BEGIN in client.get(SIGN_IN).content.decode()
    answer = came_in(client, provider, f"{BEGIN}?next=/account/sessions/")
    assert (answer.status_code, answer["Location"]) == (302, FACTOR)
    assert not SessionRecord.objects.exists()
    assert client.get(reverse("accounts:profile"))["Location"].startswith(SIGN_IN), "half-way in opens nothing"
    assert newest(Tag.PROVIDER_PROVED)["account"] == owner.pk
    done = client.post(FACTOR, {"code": factories.code_for(owner)})
    assert done["Location"] == "/account/sessions/"
    assert SessionRecord.objects.get().factor == Factor.TOTP


def test_state_nonce_and_pkce_go_with_every_browser_and_are_never_the_same(provider: str, client: Client) -> None:
    asked = [parse_qs(urlsplit(sent_off(client)).query) for _each in range(2)]
    for one in asked:
        assert one["code_challenge_method"] == ["S256"]
        assert one["response_type"] == ["code"]
        assert one["scope"] == ["openid email"]
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name][0] for one in asked}) == 2


def test_the_browsers_key_changes_with_the_first_step(provider: str, owner: Account, client: Client) -> None:
    asked = sent_off(client)
    before = client.cookies["loanflow"].value
    client.get(come_back(provider, asked))
    assert client.cookies["loanflow"].value != before


FALSE: dict[str, tuple[dict[str, Any], str]] = {
    "wrong nonce": ({"claims": {"nonce": "another"}}, "nonce"),
    "no nonce": ({"without": ["nonce"]}, "nonce"),
    "another's audience": ({"claims": {"aud": "another"}}, "InvalidAudienceError"),
    "one audience of two": ({"claims": {"aud": [CLIENT, "another"]}}, "InvalidAudienceError"),
    "no audience": ({"without": ["aud"]}, "MissingRequiredClaimError"),
    "another issuer": ({"claims": {"iss": "https://evil.test"}}, "InvalidIssuerError"),
    "expired": ({"claims": {"exp": int(time.time()) - 3600}}, "ExpiredSignatureError"),
    "never ending": ({"without": ["exp"]}, "MissingRequiredClaimError"),
    "nobody's": ({"without": ["sub"]}, "MissingRequiredClaimError"),
    "unsigned": ({"header": {"alg": "none"}}, ""),
    "signed with the public key": ({"header": {"alg": "HS256"}}, ""),
    "signed with another key": ({"other_key": True}, "InvalidSignatureError"),
    "an unknown key": ({"header": {"kid": "two"}}, "key"),
    "an address not verified": ({"claims": {"email_verified": False}}, "email_unverified"),
    "an address verified in words": ({"claims": {"email_verified": "true"}}, "email_unverified"),
    "no address": ({"without": ["email"]}, "email_unverified"),
    "an address that is a list": ({"claims": {"email": ["li-wei@example.test"]}}, "email_unverified"),
    "an unknown person": ({"claims": {"email": "nobody@example.test"}}, "unknown"),
    "a borrower": ({"claims": {"email": "songhua@example.test"}}, "unknown"),
    "a suspended colleague": ({"claims": {"email": "gone@example.test"}}, "suspended"),
    "a colleague who has not enrolled": ({"claims": {"email": "new@example.test"}}, "not_enrolled"),
    "a provider out of order": ({"status": 500}, "HTTPError"),
}


@pytest.mark.parametrize("what", FALSE)
def test_whatever_is_false_lets_nobody_in_and_is_on_record(
    what: str, provider: str, owner: Account, client: Client
) -> None:
    factories.borrower_account(handle="songhua")
    account_suspend(actor=SETUP, account=factories.staff(handle="gone"), reason="away")
    person_invite(actor=SETUP, who=Particulars("new-one", "N", "new@example.test"))
    accounts = Account.objects.count()
    false, why = FALSE[what]
    signs_on(provider, **false)
    answer = came_in(client, provider)
    assert answer["Location"] == SIGN_IN
    page = client.get(SIGN_IN).content.decode()
    assert "Signing on with your institution did not work" in page
    assert client.get(FACTOR)["Location"].startswith(SIGN_IN), "not even half-way in"
    event = newest(Tag.SIGN_IN_FAILED)
    assert (event["outcome"], event["guard"]) == ("refused", "provider")
    assert not why or event["note"]["why"] == why
    assert Account.objects.count() == accounts
    assert count(Tag.PROVIDER_PROVED) == 0


def test_every_refusal_reads_the_same(provider: str, owner: Account) -> None:
    account_suspend(actor=SETUP, account=factories.staff(handle="gone"), reason="away")
    seen = set()
    for email in ("gone@example.test", "nobody@example.test"):
        signs_on(provider, email)
        visitor = Client()
        answer = came_in(visitor, provider)
        page = visitor.get(SIGN_IN).content.decode()
        seen.add((answer.status_code, re.sub(r'value="[^"]*"|X-CSRFToken[^>]*|<code>[^<]*</code>', "", page)))
    assert len(seen) == 1


def test_a_state_counts_once_and_only_in_its_browser(provider: str, owner: Account, client: Client) -> None:
    back = come_back(provider, sent_off(client))
    assert Client().get(back)["Location"] == SIGN_IN, "in a browser that was sent nowhere"
    other = Client()
    sent_off(other)
    assert other.get(back)["Location"] == SIGN_IN, "in a browser that was sent off with another"
    assert client.get(back)["Location"] == FACTOR
    again = client.get(back)
    assert again["Location"] == SIGN_IN
    assert newest(Tag.SIGN_IN_FAILED)["note"]["why"] == "state"
    assert count(Tag.PROVIDER_PROVED) == 1


def test_a_code_of_another_is_not_taken_with_ones_own_state(provider: str, owner: Account, client: Client) -> None:
    """Whoever slips their own code under another's state has not the verifier that it was asked with."""
    theirs = parse_qs(urlsplit(come_back(provider, sent_off(Client()))).query)["code"][0]
    mine = parse_qs(urlsplit(sent_off(client)).query)["state"][0]
    assert client.get(BACK, {"code": theirs, "state": mine})["Location"] == SIGN_IN
    assert newest(Tag.SIGN_IN_FAILED)["note"]["why"] == "HTTPError"


@pytest.mark.parametrize(
    "query", [{}, {"error": "access_denied"}, {"code": "x"}, {"state": "x"}, {"code": "x", "state": "x"}]
)
def test_coming_back_with_nothing_is_refused(query: dict[str, str], provider: str, client: Client) -> None:
    sent_off(client)
    assert client.get(BACK, query)["Location"] == SIGN_IN
    assert newest(Tag.SIGN_IN_FAILED)["note"]["why"] == "state"


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(target: str, provider: str, owner: Account, client: Client) -> None:
    came_in(client, provider, f"{BEGIN}?next={target}")
    assert client.post(FACTOR, {"code": factories.code_for(owner)})["Location"] == "/"


def test_whoever_is_signed_in_stays_who_they_are(provider: str, owner: Account, client: Client) -> None:
    back = come_back(provider, sent_off(client))
    colleague = factories.staff()
    factories.signed_in(client, colleague)
    assert client.get(back)["Location"] == "/"
    assert client.get(BEGIN)["Location"] == "/"
    assert SessionRecord.objects.get().account == colleague


def test_signing_still_asks_for_a_factor_of_ours(provider: str, owner: Account, client: Client) -> None:
    came_in(client, provider)
    for page in (reverse("accounts:step_up"), reverse("console:home")):
        assert client.get(page)["Location"].startswith(SIGN_IN)


def test_a_provider_that_is_away_is_a_refusal_and_no_crash(
    provider: str, owner: Account, client: Client, settings: Settings
) -> None:
    back = come_back(provider, sent_off(client))
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:9/token"
    assert client.get(back)["Location"] == SIGN_IN
    assert newest(Tag.SIGN_IN_FAILED)["note"]["why"] == "ConnectionError"
