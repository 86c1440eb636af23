"""Sessions, step-up, password and language: what one does to one's own account."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from apps.accounts import selectors
from apps.accounts.devices import described
from apps.accounts.models import SessionPulse
from apps.accounts.services import passwords, people, sessions
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, NotVisible, Refused
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
PROFILE = reverse("accounts:profile")
NEW = "another horse battery staple"


def later(**span: Any) -> Any:
    """Move the clock."""
    return clock.at(clock.now() + dt.timedelta(**span))


def test_a_session_ends_after_a_quarter_of_an_hour_without_use(client: Client) -> None:
    record = factories.signed_in(client, factories.staff())
    with later(minutes=14):
        assert client.get(PROFILE).status_code == 200
    with later(minutes=28):
        assert client.get(PROFILE).status_code == 200, "use keeps it open"
    with later(minutes=44):
        assert client.get(PROFILE).url.startswith(reverse("accounts:sign_in"))
        record.refresh_from_db()
        assert record.end_reason == "idle"
        assert newest(Tag.SESSION_ENDED)["outcome"] == "done"
        page = client.get(f"{reverse('accounts:sign_in')}?next={PROFILE}").content.decode()
        assert "15 minutes without use" in page


def test_a_session_ends_after_twelve_hours_however_busy(client: Client) -> None:
    record = factories.signed_in(client, factories.staff())
    SessionPulse.objects.filter(session=record).update(seen_at=clock.now() + dt.timedelta(hours=12))
    with later(hours=11, minutes=59):
        assert client.get(PROFILE).status_code == 200
    with later(hours=12):
        assert client.get(PROFILE).status_code == 302
    record.refresh_from_db()
    assert record.end_reason == "absolute"


def test_the_pulse_moves_once_a_minute_at_most(client: Client) -> None:
    record = factories.signed_in(client, factories.staff())
    before = SessionPulse.objects.get(session=record).seen_at
    client.get(PROFILE)
    assert SessionPulse.objects.get(session=record).seen_at == before
    with later(seconds=61):
        client.get(PROFILE)
    assert SessionPulse.objects.get(session=record).seen_at > before


def test_own_sessions_are_listed_and_one_is_ended(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    phone = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604"})
    other = factories.signed_in(phone, owner)
    assert client.get(reverse("accounts:sessions")).content.decode().count("<tr>") == 3
    answer = client.post(reverse("accounts:session_end", args=[other.uuid]))
    assert answer.url == reverse("accounts:sessions")
    assert phone.get(PROFILE).status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert len(selectors.sessions_open(owner)) == 1


def test_nobody_ends_a_strangers_session(client: Client) -> None:
    factories.signed_in(client, factories.staff())
    theirs = factories.signed_in(Client(), factories.staff())
    assert client.post(reverse("accounts:session_end", args=[theirs.uuid])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_at is None
    assert count(Tag.SESSION_ENDED, "refused") == 1


def test_ending_a_session_twice_changes_nothing() -> None:
    owner = factories.staff()
    record = factories.signed_in(Client(), owner)
    for _each in range(2):
        sessions.session_end(actor=factories.actor_for(owner), session=record, reason="signed_out")
    assert count(Tag.SIGNED_OUT) == 1
    with pytest.raises(NotVisible):
        sessions.session_end_own(actor=SETUP, session_uuid=record.uuid)


def test_suspension_takes_effect_at_the_next_request(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    people.account_suspend(actor=SETUP, account=owner, reason="left")
    assert client.get(PROFILE).status_code == 302
    people.account_restore(actor=SETUP, account=owner, reason="came back")
    assert client.get(PROFILE).status_code == 302, "the old session stays dead"
    with pytest.raises(BadInput):
        people.account_restore(actor=SETUP, account=owner, reason="again")


def test_step_up_asks_for_a_fresh_code_and_leads_back(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    address = f"{reverse('accounts:step_up')}?next={reverse('accounts:sessions')}"
    with later(minutes=10):
        assert client.get(address).status_code == 200
        assert client.post(address, {"code": "000000"}).status_code == 403
        answer = client.post(address, {"code": factories.code_for(owner)})
        assert answer.url == reverse("accounts:sessions")
        record = selectors.sessions_open(owner)[0]
        assert record.factor_at == clock.now()
        assert record.factor == Factor.TOTP


def test_step_up_never_leads_to_another_site(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    answer = client.post(f"{reverse('accounts:step_up')}?next=//evil.test", {"code": factories.code_for(owner)})
    assert answer.url == "/"


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    elsewhere = Client()
    factories.signed_in(elsewhere, owner)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert client.post(reverse("accounts:password"), form).url == PROFILE
    assert client.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert newest(Tag.PASSWORD_CHANGED)["outcome"] == "done"


@pytest.mark.parametrize(
    ("current", "new", "status", "words"),
    [
        ("wrong", NEW, 403, "current password is wrong"),
        (PASSWORD, PASSWORD, 400, "that you have not now"),
        (PASSWORD, "short", 400, "too short"),
    ],
)
def test_a_password_is_not_changed(client: Client, current: str, new: str, status: int, words: str) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    answer = client.post(reverse("accounts:password"), {"current": current, "password": new, "again": new})
    assert answer.status_code == status
    assert words in answer.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_guessing_the_current_password_locks() -> None:
    owner = factories.staff()
    actor = factories.actor_for(owner)
    for _each in range(5):
        with pytest.raises(Refused, match="current password"):
            passwords.password_change(actor=actor, account=owner, current="wrong", new=NEW)
    with pytest.raises(Refused, match="Too many attempts"):
        passwords.password_change(actor=actor, account=owner, current=PASSWORD, new=NEW)


def test_old_hashes_are_renewed_at_sign_in() -> None:
    owner = factories.staff()
    with act(actor=SETUP):
        owner.password = make_password(PASSWORD, hasher="scrypt")
        owner.save(update_fields=["password"])
        record(Tag.PERSON_CHANGED, actor=SETUP, subject=owner)
    stranger = Actor.anonymous(address="192.0.2.7")
    passwords.password_prove(actor=stranger, name=owner.handle, password=PASSWORD)
    owner.refresh_from_db()
    assert owner.password.startswith("argon2")


def test_the_language_is_chosen_and_kept(client: Client) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    answer = client.post(PROFILE, {"language": "zh-hans"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    owner.person.refresh_from_db()
    assert owner.person.language == "zh-hans"
    assert client.post(PROFILE, {"language": "tlh"}).status_code == 400
    with pytest.raises(BadInput):
        people.language_choose(actor=SETUP, person=owner.person, language="tlh")


def test_the_profile_masks_what_is_personal(client: Client) -> None:
    owner = factories.staff(handle="officer-33")
    factories.signed_in(client, owner)
    page = client.get(PROFILE).content.decode()
    assert "officer-33@example.test" not in page
    assert "Person " not in page


def test_factors_page_tells_what_there_is(client: Client) -> None:
    factories.signed_in(client, factories.staff())
    assert "Set up a new authenticator" in client.get(reverse("accounts:factors")).content.decode()
    borrower = Client()
    factories.signed_in(borrower, factories.borrower_account())
    assert "code that we send" in borrower.get(reverse("accounts:factors")).content.decode()


def test_new_recovery_codes_are_shown_once_and_not_cached(client: Client) -> None:
    factories.signed_in(client, factories.staff())
    answer = client.post(reverse("accounts:new_codes"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    with later(minutes=6):
        assert client.post(reverse("accounts:new_codes")).status_code == 403


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537", "Chrome · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone) Version/17 Safari/604", "Safari · iPhone"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_devices_are_named_in_words(agent: str, words: str) -> None:
    assert described(agent) == words
