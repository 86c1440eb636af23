"""What ASVS asks of passwords, codes and keys of sessions, where no other test says it."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from apps.accounts import rules
from apps.accounts.models import Account, EmailCode
from apps.accounts.services import factors
from apps.accounts.services.enrolment import recovery_codes_make
from apps.accounts.services.invitations import password_check_new
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, LoanFlowError
from tests.accounts import factories
from tests.accounts.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password", ["fahrradkette um acht", "河北省的七匹蓝马走过了大桥上", "UPPER ONLY UPPER ONLY", "918273546172", " spaces at both ends ", "x1" * 48 + "long enough to be cut"]
)  # fmt: skip
def test_a_long_password_of_any_characters_is_taken_and_proved_to_the_letter(client: Client, password: str) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    sent = {"current": PASSWORD, "password": password, "again": password}
    assert client.post(reverse("accounts:password"), sent).status_code == 302
    stored = Account.objects.get(pk=owner.pk).password
    assert check_password(password, stored)
    assert not any(
        check_password(other, stored) for other in (password[:-1], password.swapcase() + "x", f"{password} ")
    )


@pytest.mark.parametrize("page", ["accounts:sign_in", "accounts:password"])
def test_password_fields_hide_what_is_typed_and_let_managers_fill_them(client: Client, page: str) -> None:
    if page == "accounts:password":
        factories.signed_in(client, factories.staff())
    else:
        factories.institution()
    fields = re.findall(
        r'<input[^>]*(?:type="password"|name="(?:current|password|again)")[^>]*>',
        client.get(reverse(page)).content.decode(),
    )
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field


def test_a_password_stays_good_for_years(client: Client) -> None:
    owner = factories.staff()
    with clock.at(clock.now() + dt.timedelta(days=3 * 365)):
        answer = client.post(reverse("accounts:sign_in"), {"name": owner.handle, "password": PASSWORD})
        assert answer.url.startswith(reverse("accounts:factor"))


def test_nothing_is_kept_that_hints_at_a_password() -> None:
    names = {
        field.name
        for model in (Account, Account._meta.get_field("person").related_model)
        for field in model._meta.fields
    }
    assert not {name for name in names if "hint" in name or "question" in name or "answer" in name}


def test_codes_hold_bits_enough() -> None:
    factories.institution()
    code = factories.email_code(factories.borrower_account())
    assert len(code) * math.log2(10) >= 19.9
    assert len(rules.new_secret()) * 5 >= 160


def test_a_code_by_mail_dies_within_ten_minutes() -> None:
    owner = factories.borrower_account()
    code = factories.email_code(owner)
    assert EmailCode.objects.filter(account=owner).exists()
    with clock.at(clock.now() + dt.timedelta(minutes=10, seconds=1)), pytest.raises(LoanFlowError):
        factors.email_code_prove(actor=Actor.anonymous(), account=owner, code=code)


def test_the_key_of_a_session_holds_bits_enough(client: Client) -> None:
    factories.signed_in(client, factories.staff())
    key = client.session.session_key or ""
    assert len(set(key)) > 8
    assert len(key) * math.log2(36) >= 128


def test_signing_out_is_at_hand(client: Client) -> None:
    factories.signed_in(client, factories.staff())
    for page in ("/", reverse("accounts:sessions"), reverse("console:matrix")):
        assert reverse("accounts:sign_out") in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("LoanFlow-2026", False), ("Riverside Bank 2026", False), ("riversideriverside", False), ("ＬＯＡＮＦＬＯＷ loanflow!", False),
        ("riverside frogs sing at night", True), ("four blue horses", True),
    ],
)  # fmt: skip
def test_a_password_is_more_than_the_names_of_the_house(password: str, is_taken: bool) -> None:
    factories.institution(name="Riverside Bank")
    if is_taken:
        password_check_new(factories.staff(), password)
        return
    with pytest.raises(BadInput) as refused:
        password_check_new(factories.staff(), password)
    assert "Apart from the name of the institution" in str(refused.value.errors["password"])


def test_whoever_owns_an_account_is_told_of_a_new_password_and_of_new_factors(
    client: Client, mailoutbox: list[EmailMessage], django_capture_on_commit_callbacks: Any
) -> None:
    owner = factories.staff()
    factories.signed_in(client, owner)
    sent = {"current": PASSWORD, "password": "fahrradkette um acht", "again": "fahrradkette um acht"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("accounts:password"), sent)
        recovery_codes_make(actor=factories.actor_for(owner), account=owner)
    assert [each.subject for each in mailoutbox] == [
        "LoanFlow: your password was changed",
        "LoanFlow: your second factor was changed",
    ]
    assert owner.handle in mailoutbox[0].body
