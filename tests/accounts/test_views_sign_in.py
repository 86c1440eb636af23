"""Signing in, page by page: what is asked, what is refused, and where it leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.accounts.models import EmailCode, SessionRecord
from apps.accounts.services import enrolment, people
from apps.accounts.services.people import Particulars, account_suspend
from apps.audit.tags import Tag
from apps.core import clock
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import newest

pytestmark = pytest.mark.django_db
SIGN_IN = reverse("accounts:sign_in")
PROFILE = reverse("accounts:profile")


def enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> Any:
    """Post the sign-in form."""
    return client.post(SIGN_IN, {"name": name, "password": password, **more})


def test_staff_sign_in_by_password_and_one_time_code_and_land_where_they_wanted(client: Client) -> None:
    owner = factories.staff()
    target = reverse("accounts:sessions")
    assert client.get(target).url == f"{SIGN_IN}?next=%2Faccount%2Fsessions%2F"
    assert client.get(f"{SIGN_IN}?next={target}").status_code == 200
    assert enter(client, owner.handle).url == reverse("accounts:factor")
    assert client.get(PROFILE).status_code == 302, "nothing opens between password and factor"
    page = client.get(reverse("accounts:factor"))
    assert owner.handle in page.content.decode()
    done = client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)})
    assert done.url == target
    assert client.get(PROFILE).status_code == 200
    assert newest(Tag.SIGNED_IN)["outcome"] == "done"
    assert newest(Tag.FACTOR_PROVED)["account"] == owner.pk


def test_staff_sign_in_by_email_address_too(client: Client) -> None:
    factories.staff(handle="officer-12")
    assert enter(client, "Officer-12@example.TEST").url == reverse("accounts:factor")


@pytest.mark.parametrize(
    ("name", "password"),
    [("officer-1", "wrong password"), ("nobody", PASSWORD), ("nobody@example.test", PASSWORD), ("waiting", PASSWORD)],
)
def test_wrong_names_and_passwords_get_the_same_words(client: Client, name: str, password: str) -> None:
    factories.staff(handle="officer-1")
    people.person_invite(actor=SETUP, who=Particulars("waiting", "W", "w@example.test"))
    answer = enter(client, name, password)
    assert answer.status_code == 403
    assert "The name or the password is wrong." in answer.content.decode()
    assert newest(Tag.SIGN_IN_FAILED)["outcome"] == "refused"
    assert name == "officer-1" or "nobody" not in str(newest(Tag.SIGN_IN_FAILED)), "what was typed is never recorded"


def test_a_suspended_account_is_told_nothing_more(client: Client) -> None:
    owner = factories.staff(handle="officer-1")
    account_suspend(actor=SETUP, account=owner, reason="test")
    answer = enter(client, "officer-1")
    assert answer.status_code == 403
    assert "The name or the password is wrong." in answer.content.decode()


def test_a_used_code_is_refused_and_the_name_stays_typed(client: Client) -> None:
    owner = factories.staff()
    code = factories.code_for(owner)
    enter(client, owner.handle)
    assert client.post(reverse("accounts:factor"), {"code": code}).status_code == 302
    other = Client()
    enter(other, owner.handle)
    answer = other.post(reverse("accounts:factor"), {"code": code})
    assert answer.status_code == 403
    assert "was used already" in answer.content.decode()
    assert newest(Tag.FACTOR_FAILED)["guard"] == "code"


@pytest.mark.parametrize(
    ("seconds", "words"), [(29, ""), (30, "thirty seconds are over"), (59, "thirty seconds are over"), (60, "is wrong")]
)
def test_a_code_dies_with_its_half_minute_and_its_owner_reads_why(client: Client, seconds: int, words: str) -> None:
    owner = factories.staff()
    begin = factories.half_minute()
    with clock.at(begin):
        code = factories.code_for(owner)
        enter(client, owner.handle)
    with clock.at(begin + dt.timedelta(seconds=seconds)):
        answer = client.post(reverse("accounts:factor"), {"code": code})
    assert answer.status_code == (403 if words else 302)
    assert words in answer.content.decode()
    if words.startswith("thirty"):
        assert newest(Tag.FACTOR_FAILED)["note"] == {"why": "late"}


def test_a_code_of_the_half_minute_to_come_is_wrong_and_nothing_tells_that_it_will_be_good(client: Client) -> None:
    owner = factories.staff()
    begin = factories.half_minute()
    with clock.at(begin + dt.timedelta(seconds=30)):
        code = factories.code_for(owner)
    enter(client, owner.handle)
    with clock.at(begin + dt.timedelta(seconds=29)):
        answers = [client.post(reverse("accounts:factor"), {"code": each}) for each in (code, "000000")]
    texts = [each.content.decode() for each in answers]
    assert [each.status_code for each in answers] == [403, 403]
    assert all("This code is wrong" in text for text in texts)


def test_an_empty_form_says_what_is_missing_and_keeps_the_name(client: Client) -> None:
    answer = client.post(SIGN_IN, {"name": "officer-1", "password": ""})
    assert answer.status_code == 400
    assert 'value="officer-1"' in answer.content.decode()


def test_borrowers_sign_in_with_a_code_by_mail(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    owner = factories.borrower_account(handle="songhua")
    with django_capture_on_commit_callbacks(execute=True):
        assert enter(client, "songhua").url == reverse("accounts:email_code")
    code = next(word.strip(".") for word in mail.outbox[0].body.split() if word.strip(".").isdigit())
    assert mail.outbox[0].to == ["songhua@example.test"]
    assert client.get(reverse("accounts:factor")).url == SIGN_IN, "borrowers have no authenticator"
    page = client.get(reverse("accounts:email_code")).content.decode()
    assert "songhua@example.test" not in page, "the address is masked"
    assert (
        client.post(reverse("accounts:email_code"), {"code": "000000" if code != "000000" else "1"}).status_code == 403
    )
    assert client.post(reverse("accounts:email_code"), {"code": code}).status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert SessionRecord.objects.get(account=owner).factor == "email"


def test_another_mail_is_sent_only_after_a_pause(client: Client) -> None:
    owner = factories.borrower_account()
    enter(client, owner.handle)
    client.post(reverse("accounts:email_code_again"))
    assert EmailCode.objects.filter(account=owner).count() == 1
    with clock.at(clock.now() + dt.timedelta(seconds=31)):
        client.post(reverse("accounts:email_code_again"))
    assert EmailCode.objects.filter(account=owner).count() == 2


def test_a_recovery_code_signs_in_and_leads_to_a_new_authenticator(client: Client) -> None:
    owner = factories.staff()
    codes = enrolment.recovery_codes_make(actor=factories.actor_for(owner), account=owner)
    enter(client, owner.handle)
    answer = client.post(reverse("accounts:recovery"), {"code": codes[3].lower().replace("-", " ")})
    assert answer.url == reverse("accounts:factors")
    page = client.get(answer.url).content.decode()
    assert "9 recovery codes are left" in page
    assert client.post(reverse("accounts:replace")).url == reverse("accounts:replace_confirm")
    other = Client()
    enter(other, owner.handle)
    assert other.post(reverse("accounts:recovery"), {"code": codes[3]}).status_code == 403


def test_the_step_between_password_and_factor_times_out(client: Client) -> None:
    owner = factories.staff()
    enter(client, owner.handle)
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        assert client.get(reverse("accounts:factor")).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test", "evil"]
)
def test_signing_in_never_leads_to_another_site(client: Client, target: str) -> None:
    owner = factories.staff()
    client.get(SIGN_IN, {"next": target})
    enter(client, owner.handle)
    assert client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)}).url == "/"


def test_the_browsers_key_changes_at_every_step(client: Client) -> None:
    owner = factories.staff()
    client.get(f"{SIGN_IN}?next={PROFILE}")
    keys = [client.session.session_key]
    enter(client, owner.handle)
    keys.append(client.session.session_key)
    client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)})
    keys.append(client.session.session_key)
    with clock.at(clock.now() + dt.timedelta(seconds=30)):
        client.post(reverse("accounts:step_up"), {"code": factories.code_for(owner)})
    keys.append(client.session.session_key)
    assert len(set(keys)) == 4


def test_signing_out_ends_the_session_on_record(client: Client) -> None:
    owner = factories.staff()
    record = factories.signed_in(client, owner)
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).url == SIGN_IN
    record.refresh_from_db()
    assert record.end_reason == "signed_out"
    assert newest(Tag.SIGNED_OUT)["account"] == owner.pk
    assert client.get(PROFILE).status_code == 302


@pytest.mark.parametrize(("chosen", "shown"), [("en", "en"), ("", "zh-hans"), ("tlh", "zh-hans")])
def test_a_language_chosen_on_the_way_in_stays_for_the_session_and_no_longer(
    client: Client, chosen: str, shown: str
) -> None:
    owner = factories.staff(language="zh-hans")
    if chosen:
        client.post(reverse("set_language"), {"language": chosen, "next": SIGN_IN})
    enter(client, owner.handle)
    done = client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)})
    assert done.cookies[settings.LANGUAGE_COOKIE_NAME].value == shown
    owner.person.refresh_from_db()
    assert owner.person.language == "zh-hans", "the account keeps its own"
    client.post(reverse("accounts:sign_out"))
    with clock.at(clock.now() + dt.timedelta(minutes=2)):
        enter(client, owner.handle)
        again = client.post(reverse("accounts:factor"), {"code": factories.code_for(owner)})
    assert again.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
