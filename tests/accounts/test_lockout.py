"""Too many failures lock an account or an address, and nothing that rolls back gives an attempt back."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from apps.accounts.models import Account, FailureCount
from apps.accounts.services import factors, lockout, passwords, people
from apps.accounts.services.lockout import LockedOut
from apps.audit.services import act
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests.accounts import factories
from tests.accounts.log import count, newest

STRANGER = Actor.anonymous(address="192.0.2.7", device="test")


def guess(name: str, password: str = "wrong password", actor: Actor = STRANGER) -> str:
    """Try a password; returns the guard that refused, or ``in``."""
    try:
        passwords.password_prove(actor=actor, name=name, password=password)
    except Refused as refusal:
        return refusal.guard
    return "in"


@pytest.mark.django_db
def test_the_fifth_wrong_password_locks_the_account_even_for_the_right_one() -> None:
    owner = factories.staff()
    assert [guess(owner.handle) for _each in range(5)] == ["credentials"] * 5
    assert newest(Tag.LOCKED_OUT)["account"] == owner.pk
    assert guess(owner.handle, factories.PASSWORD) == "locked"
    assert lockout.is_locked(owner)
    assert newest(Tag.SIGN_IN_FAILED)["guard"] == "locked"


@pytest.mark.django_db
def test_the_lock_opens_after_a_quarter_of_an_hour() -> None:
    owner = factories.staff()
    for _each in range(5):
        guess(owner.handle)
    with clock.at(clock.now() + dt.timedelta(minutes=15, seconds=1)):
        assert guess(owner.handle, factories.PASSWORD) == "in"
        assert not lockout.is_locked(owner)


@pytest.mark.django_db
def test_success_forgives_earlier_failures() -> None:
    owner = factories.staff()
    for _round in range(3):
        assert [guess(owner.handle) for _each in range(4)] == ["credentials"] * 4
        assert guess(owner.handle, factories.PASSWORD) == "in"


@pytest.mark.django_db
def test_handle_and_email_address_count_together() -> None:
    owner = factories.staff(handle="officer-7")
    names = ["officer-7", "officer-7@example.test", "OFFICER-7", "officer-7", "officer-7@example.test"]
    assert [guess(name) for name in names] == ["credentials"] * 5
    assert guess(owner.handle, factories.PASSWORD) == "locked"


@pytest.mark.django_db
def test_names_that_do_not_exist_lock_just_the_same() -> None:
    factories.institution()
    assert [guess("nobody") for _each in range(6)] == ["credentials"] * 5 + ["locked"]
    assert not FailureCount.objects.filter(key__contains="nobody").exists(), "what was typed is not stored"


@pytest.mark.django_db
def test_an_address_that_tries_many_accounts_is_locked() -> None:
    factories.institution()
    answers = [guess(f"nobody-{number}") for number in range(51)]
    assert answers[:50] == ["credentials"] * 50
    assert answers[50] == "locked"
    elsewhere = Actor.anonymous(address="192.0.2.8")
    assert guess("nobody-99", actor=elsewhere) == "credentials"


@pytest.mark.django_db
def test_wrong_codes_lock_apart_from_passwords() -> None:
    owner = factories.staff()
    for _each in range(5):
        with pytest.raises(Refused, match="wrong, too old or was used"):
            factors.totp_prove(actor=STRANGER, account=owner, code="000000")
        assert guess(owner.handle, factories.PASSWORD) == "in", "a right password gives no code back"
    with pytest.raises(LockedOut):
        factors.totp_prove(actor=STRANGER, account=owner, code=factories.code_for(owner))
    assert count(Tag.FACTOR_FAILED, "refused") == 5


@pytest.mark.django_db
def test_an_administrator_lifts_a_lock() -> None:
    owner = factories.staff()
    for _each in range(5):
        guess(owner.handle)
    people.lock_lift(actor=factories.SETUP, account=owner)
    assert guess(owner.handle, factories.PASSWORD) == "in"
    assert newest(Tag.LOCK_LIFTED)["outcome"] == "done"


def test_attempts_failures_and_used_codes_survive_the_roll_back_of_what_they_refused(committed_db: str) -> None:
    owner = factories.staff()
    code = factories.code_for(owner)

    def sign_off() -> None:
        factors.totp_prove(actor=STRANGER, account=owner, code=code)
        with act(actor=factories.actor_for(owner)), transaction.atomic():
            raise ValueError("the act fails after its factor")

    with pytest.raises(ValueError, match="after its factor"):
        sign_off()
    with pytest.raises(Refused, match="was used already"):
        factors.totp_prove(actor=STRANGER, account=owner, code=code)
    assert guess(owner.handle) == "credentials"
    assert FailureCount.objects.filter(failures=1).exists()
    assert count(Tag.FACTOR_PROVED) == 1
    assert count(Tag.FACTOR_FAILED, "refused") == 1
    assert count(Tag.SIGN_IN_FAILED, "refused") == 1


def test_a_factor_is_never_proved_inside_an_act_that_may_roll_back(committed_db: str) -> None:
    owner = factories.staff()
    with pytest.raises(RuntimeError), act(actor=factories.SETUP):
        factors.totp_prove(actor=STRANGER, account=owner, code=factories.code_for(owner))


def test_a_hundred_guesses_at_once_win_no_more_than_five(committed_db: str) -> None:
    owner = factories.staff()

    def one(_number: int) -> str:
        try:
            return guess(owner.handle)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(24)))
    assert answers.count("credentials") == 5
    assert answers.count("locked") == 19


def test_one_code_at_once_by_two_counts_once(committed_db: str) -> None:
    owner = factories.staff()
    code = factories.code_for(owner)

    def one(_number: int) -> str:
        try:
            factors.totp_prove(actor=STRANGER, account=Account.objects.get(pk=owner.pk), code=code)
        except Refused as refusal:
            return refusal.guard
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))
    assert sorted(answers) == ["code", "code", "code", "in"], connection.vendor
