"""Odd attempts to sign in are told to whoever owns the account, by the task worker: an answer takes as long as for a stranger."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.core.mail import EmailMessage
from django_tasks_db.models import DBTaskResult

from apps.accounts.models import Account
from apps.accounts.services import factors, passwords, sessions
from apps.accounts.tasks import RENEWALS
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import Refused
from tests.accounts import factories

pytestmark = pytest.mark.django_db

FIREFOX, CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Linux; Android 15) Chrome/139.0 Mobile",
)
NEWER_FIREFOX = FIREFOX.replace("140.0", "141.0")
STRANGER = Actor.anonymous(address="192.0.2.9", device=FIREFOX)


def told() -> list[str]:
    """Messages left to the worker, by template."""
    return [each.args_kwargs["args"][0] for each in DBTaskResult.objects.order_by("enqueued_at")]


def begin(owner: Account, device: str, at: dt.datetime | None = None) -> None:
    """Open a session on a device."""
    with clock.at(at or clock.now()):
        sessions.session_begin(actor=dataclasses.replace(STRANGER, device=device), account=owner, factor=Factor.TOTP)


def wrong_password(owner: Account) -> None:
    passwords.password_prove(actor=STRANGER, name=owner.handle, password="not the password")


def wrong_code(owner: Account) -> None:
    factors.totp_prove(actor=STRANGER, account=owner, code="000000x")


@pytest.mark.parametrize("attempt", [wrong_password, wrong_code])
def test_the_attempt_that_locks_is_told_once_and_those_before_are_not(attempt: object) -> None:
    owner = factories.staff()
    for number in range(1, 8):
        with pytest.raises(Refused):
            attempt(owner)  # type: ignore[operator]
        assert told() == ["attempts_news"] * (number >= 5)


def test_attempts_on_a_name_that_nobody_bears_are_told_to_nobody() -> None:
    factories.institution()
    for _each in range(6):
        with pytest.raises(Refused):
            passwords.password_prove(actor=STRANGER, name="nobody", password="not the password")
    assert told() == []


def test_a_kind_of_device_not_used_before_is_told_and_a_newer_version_is_not() -> None:
    owner = factories.staff()
    begin(owner, FIREFOX)
    begin(owner, NEWER_FIREFOX)
    assert told() == []
    begin(owner, CHROME)
    begin(owner, CHROME)
    assert told() == ["device_news"]


def test_a_device_unseen_for_three_months_is_told_again() -> None:
    owner = factories.staff()
    begin(owner, FIREFOX, clock.now() - dt.timedelta(days=91))
    begin(owner, FIREFOX)
    assert told() == ["device_news"]


@pytest.mark.parametrize("template", ["attempts_news", "device_news"])
def test_the_mail_names_the_account_and_the_way_out_and_no_address(
    template: str, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: object
) -> None:
    owner = factories.staff()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        RENEWALS[template](owner.pk, "", 0)
    (mail,) = mailoutbox
    assert owner.handle in mail.body
    assert "security officer" in mail.body
    assert "192.0.2" not in mail.body
