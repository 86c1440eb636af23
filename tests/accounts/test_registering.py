"""Registering by oneself: a link to a mailbox, the same answer for everybody, and nothing of a person before it is proved."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Account, AccountKind, FailureCount, Person, Registration
from apps.accounts.rules import REGISTER_FROM_LIMIT, REGISTER_TO_LIMIT
from apps.accounts.senders import MailSender
from apps.accounts.services import places
from apps.accounts.services.people import account_suspend
from apps.audit.models import AuditEvent
from apps.borrowers.services import access_give
from apps.core import clock
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.borrowers import factories as businesses

pytestmark = pytest.mark.django_db
REGISTER, SENT = reverse("accounts:register"), reverse("accounts:registered")
ADDRESS = "li.wei@example.test"
FILLED = {"email": ADDRESS, "name": "Li Wei", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def is_open() -> None:
    """The institution lets everybody register."""
    factories.institution()
    places.registration_switch(actor=SETUP, is_open=True)


@pytest.fixture
def ask(django_capture_on_commit_callbacks: Any) -> Any:
    """Ask for a link from a browser of its own."""

    def asked(email: str = ADDRESS, **more: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return Client().post(REGISTER, {"email": email, **more})

    return asked


def link() -> str:
    """Path of the link in the last mail."""
    found = re.search(r"/account/register/\S+", str(mail.outbox[-1].body))
    assert found is not None
    return found.group()


def finish(**more: str) -> Any:
    """Follow the last link."""
    return Client().post(link(), {**FILLED, **more})


def test_a_stranger_opens_an_account_that_acts_for_nothing(ask: Any) -> None:
    assert ask()["Location"] == SENT
    assert not Person.objects.exists(), "nothing of a person is stored before the mailbox is proved"
    (sent,) = mail.outbox
    assert sent.to == [ADDRESS]
    assert ADDRESS not in sent.body + str(sent.subject) + link()
    answer = finish()
    assert answer["Location"] == reverse("accounts:email_code")
    account = Account.objects.get()
    assert (account.kind, account.person.name.reveal(), account.person.email.reveal()) == (
        "borrower",
        "Li Wei",
        ADDRESS,
    )
    assert "li" not in account.handle.removeprefix("b-")
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True))[-3:] == [
        "accounts.registration_asked", "accounts.registered", "accounts.code_sent",
    ]  # fmt: skip
    assert not [event for event in AuditEvent.objects.all() if ADDRESS in event.body or "Li Wei" in event.body]


def test_looking_at_the_link_spends_nothing_and_using_it_spends_every_link_of_the_address(ask: Any) -> None:
    ask()
    first = link()
    ask()
    for _look in range(2):
        assert Client().get(first).status_code == 200
    assert finish().status_code == 302
    assert [Client().get(each).status_code for each in (first, link())] == [410, 410]
    assert Client().post(first, FILLED).status_code == 410
    assert Account.objects.count() == 1


def test_the_link_dies_after_a_day_and_with_the_registration(ask: Any) -> None:
    ask()
    places.registration_switch(actor=SETUP, is_open=False)
    assert Client().get(link()).status_code == 410
    places.registration_switch(actor=SETUP, is_open=True)
    with clock.at(clock.now() + dt.timedelta(hours=24, seconds=1)):
        assert finish().status_code == 410
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "other@example.test"), ("email", "no address"), ("email", ""), ("name", ""), ("name", "nul\x00"), ("name", "x" * 121),
        ("password", "short"), ("password", "password12345"), ("again", "something else here"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_leaves_the_link_open_and_makes_no_account(ask: Any, field: str, value: str) -> None:
    ask()
    assert finish(**{field: value}).status_code == 400
    assert not Account.objects.exists()
    assert finish().status_code == 302


KNOWN = ("in use", "of staff", "suspended")


def known_address(kind: str) -> str:
    """An address that a mailbox alone must not open."""
    if kind == "of staff":
        return str(factories.account(AccountKind.STAFF).person.email.reveal())
    account = factories.borrower_account()
    if kind == "suspended":
        account_suspend(actor=SETUP, account=account, reason="test")
    else:
        officer = businesses.officer()
        access_give(actor=officer, borrower=businesses.borrower(officer), account=account)
    return str(account.person.email.reveal())


@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_address_gets_the_same_answer_and_a_mail_that_opens_nothing(ask: Any, kind: str) -> None:
    address = known_address(kind)
    fresh, known = ask(), ask(address)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert (len(mail.outbox), mail.outbox[-1].to) == (2, [address])
    assert "/account/register/" not in mail.outbox[-1].body
    assert reverse("accounts:sign_in") in mail.outbox[-1].body
    assert Registration.objects.latest("id").expires_at <= clock.now()


@pytest.mark.parametrize("kind", KNOWN)
def test_known_and_unknown_cost_the_same_questions_and_open_nothing_encrypted(ask: Any, kind: str) -> None:
    address, questions = known_address(kind), {}
    ask("warm.up@example.test")
    for name, each in {"known": address, "unknown": "new@example.test"}.items():
        with (
            CaptureQueriesContext(connection) as asked,
            mock.patch("apps.vault.secret.Secret.reveal", autospec=True) as opened,
        ):
            ask(each)
        questions[name] = (len(asked), opened.call_count)
    assert questions["known"] == questions["unknown"]
    assert questions["known"][1] == 0


def test_who_acts_for_nothing_and_lost_the_password_chooses_a_new_one(ask: Any) -> None:
    ask()
    finish()
    old = Account.objects.get().password
    ask()
    assert finish(name="Li Wei Senior").status_code == 302
    account = Account.objects.get()
    assert account.password != old
    assert account.person.name.reveal() == "Li Wei Senior"


def test_an_account_that_began_to_act_meanwhile_is_not_opened(ask: Any) -> None:
    ask()
    finish()
    ask()
    officer = businesses.officer()
    access_give(actor=officer, borrower=businesses.borrower(officer), account=Account.objects.get(kind="borrower"))
    answer = finish()
    assert answer.status_code == 403
    assert "already" in answer.content.decode()
    assert Registration.objects.filter(used_at=None).exists(), "rolled back"


def test_one_address_gets_three_mails_a_day_and_is_told_nothing_of_it(ask: Any) -> None:
    answers = [ask(address)["Location"] for address in [ADDRESS, ADDRESS.upper(), ADDRESS, ADDRESS]]
    assert set(answers) == {SENT}
    assert len(mail.outbox) == REGISTER_TO_LIMIT.failures
    assert AuditEvent.objects.filter(action="accounts.registration_asked", outcome="refused").count() == 1
    with clock.at(clock.now() + dt.timedelta(days=1, seconds=1)):
        ask()
    assert len(mail.outbox) == REGISTER_TO_LIMIT.failures + 1


def test_one_network_address_asks_ten_times_in_a_quarter_of_an_hour(ask: Any) -> None:
    statuses = [ask(f"b{number}@example.test").status_code for number in range(REGISTER_FROM_LIMIT.failures + 1)]
    assert (statuses[-2], statuses[-1]) == (302, 429)
    assert len(mail.outbox) == REGISTER_FROM_LIMIT.failures


def test_what_only_machines_fill_in_sends_nothing_and_says_so_to_nobody(ask: Any) -> None:
    assert ask(website="https://spam.example")["Location"] == SENT
    assert mail.outbox == []
    assert not Registration.objects.exists()
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.action, event.outcome, "trap" in event.body) == ("accounts.registration_asked", "refused", True)


@pytest.mark.parametrize("email", ["", "no address", "x" * 250 + "@example.test", "a@b", "nul\x00@example.test"])
def test_an_address_that_is_none_is_told_so(ask: Any, email: str) -> None:
    assert ask(email).status_code == 400
    assert not FailureCount.objects.exists()


def test_a_mail_that_cannot_be_sent_is_a_line_in_the_log_without_the_address(
    ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with mock.patch.object(MailSender, "send_to", side_effect=OSError(ADDRESS)):
        assert ask()["Location"] == SENT
    assert "message register was not sent: OSError" in caplog.text
    assert ADDRESS not in caplog.text


def test_by_invitation_only_the_page_says_where_to_ask(ask: Any) -> None:
    places.registration_switch(actor=SETUP, is_open=False)
    assert REGISTER not in Client().get(reverse("accounts:sign_in")).content.decode()
    page = Client().get(REGISTER)
    assert (page.status_code, "by invitation" in page.content.decode()) == (404, True)
    assert ask().status_code == 404
    assert not Registration.objects.exists()


def test_the_way_in_leads_to_the_page_and_who_is_in_needs_none(client: Client) -> None:
    assert REGISTER in client.get(reverse("accounts:sign_in")).content.decode()
    page = client.get(REGISTER).content.decode()
    assert 'aria-hidden="true"' in page
    assert 'tabindex="-1"' in page
    assert "mail from us is on its way" in client.get(SENT).content.decode()
    factories.signed_in(client, factories.borrower_account())
    assert client.get(REGISTER)["Location"] == "/"
