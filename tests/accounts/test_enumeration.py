"""A borrower's sign-in tells nobody who has an account: the same answer, the same work, whoever asks."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.accounts.models import AccountKind, EmailCode
from apps.accounts.services import factors, people
from apps.accounts.services.people import Particulars, account_suspend
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP

pytestmark = pytest.mark.django_db
SIGN_IN, CODE = reverse("accounts:sign_in"), reverse("accounts:email_code")
CHANGING = re.compile(r'(name="csrfmiddlewaretoken" value|X-CSRFToken)[^>]*|<code>[0-9a-f]{32}</code>|value="[^"]*"')


@pytest.fixture
def names() -> dict[str, str]:
    """Names that mean something and names that mean nothing."""
    owner = factories.borrower_account(handle="songhua")
    waiting = Particulars("invited", "W", "invited@example.test", kind=AccountKind.BORROWER)
    people.person_invite(actor=SETUP, who=waiting)
    account_suspend(actor=SETUP, account=factories.borrower_account(handle="gone"), reason="test")
    return {
        "right name": owner.handle, "right address": str(owner.person.email.reveal()), "no name": "nobody",
        "no address": "nobody@example.test", "invited": "invited@example.test", "suspended": "gone@example.test",
    }  # fmt: skip


def answer(name: str, password: str = "wrong password") -> Any:
    """Post the sign-in form from a browser of its own."""
    return Client().post(SIGN_IN, {"name": name, "password": password})


def test_every_wrong_sign_in_gets_the_same_page_for_the_same_work(names: dict[str, str]) -> None:
    pages, hashes = {}, {}
    hasher = type(get_hasher())
    for what, name in names.items():
        with (
            mock.patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as made,
            mock.patch.object(hasher, "verify", autospec=True, side_effect=hasher.verify) as compared,
        ):
            response = answer(name)
        pages[what] = (response.status_code, CHANGING.sub("", response.content.decode()))
        hashes[what] = made.call_count + compared.call_count
    assert len(set(pages.values())) == 1, {what: page[0] for what, page in pages.items()}
    assert len(set(hashes.values())) == 1, hashes


def test_the_lock_says_the_same_of_an_account_and_of_nothing(names: dict[str, str]) -> None:
    seen = set()
    for name in (names["right address"], names["no address"]):
        statuses = [answer(name).status_code for _each in range(6)]
        locked = answer(name, PASSWORD)
        seen.add((tuple(statuses), locked.status_code, CHANGING.sub("", locked.content.decode())))
    assert len(seen) == 1


def test_no_mail_goes_to_who_did_not_prove_the_password(
    names: dict[str, str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for name in names.values():
            answer(name)
    assert mail.outbox == []
    assert not EmailCode.objects.exists()


def test_the_page_of_the_code_opens_to_nobody_else(names: dict[str, str]) -> None:
    for page in (CODE, reverse("accounts:email_code_again")):
        assert Client().post(page, {"code": "123456"})["Location"].startswith(SIGN_IN)


def test_codes_are_tried_five_times_and_a_new_one_starts_no_new_count(names: dict[str, str]) -> None:
    visitor, owner = Client(), names["right name"]
    visitor.post(SIGN_IN, {"name": owner, "password": PASSWORD})
    start = clock.now()
    statuses = []
    for minute in range(8):
        with clock.at(start + dt.timedelta(minutes=minute)):
            visitor.post(reverse("accounts:email_code_again"))
            statuses.append(visitor.post(CODE, {"code": "000000"}).status_code)
    assert statuses[:5] == [403] * 5
    assert set(statuses[5:]) == {429}


def test_codes_are_five_an_hour_and_the_page_says_when_none_is_sent(names: dict[str, str]) -> None:
    visitor, start = Client(), clock.now()
    for minute in range(7):
        with clock.at(start + dt.timedelta(minutes=minute)):
            visitor.post(SIGN_IN, {"name": names["right name"], "password": PASSWORD})
    assert EmailCode.objects.count() == 5
    with clock.at(start + dt.timedelta(minutes=20)):
        page = visitor.post(SIGN_IN, {"name": names["right name"], "password": PASSWORD}, follow=True)
    text = page.content.decode()
    assert "No new code was sent" in text


def test_a_code_sent_a_moment_ago_is_no_complaint(names: dict[str, str]) -> None:
    visitor = Client()
    for _each in range(2):
        page = visitor.post(SIGN_IN, {"name": names["right name"], "password": PASSWORD}, follow=True)
    assert "No new code was sent" not in page.content.decode()
    assert EmailCode.objects.count() == 1


def test_an_older_code_and_a_used_one_are_dead() -> None:
    owner = factories.borrower_account()
    first = factories.email_code(owner)
    with clock.at(clock.now() + dt.timedelta(seconds=31)):
        second = factories.email_code(owner)
        if first != second:
            with pytest.raises(Refused):
                factors.email_code_prove(actor=Actor.anonymous(), account=owner, code=first)
        factors.email_code_prove(actor=Actor.anonymous(), account=owner, code=second)
        with pytest.raises(Refused):
            factors.email_code_prove(actor=Actor.anonymous(), account=owner, code=second)
