"""Short messages over the wire, to a gateway that listens; borrowers' codes go to phones where the institution says so."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from apps.access.roles import Role
from apps.access.services.resetting import reset_agree, reset_start
from apps.accounts import tasks
from apps.accounts.models import Account, AccountKind, EmailCode
from apps.accounts.services import people
from apps.accounts.services.factors import email_code_prove, email_code_send
from apps.accounts.services.people import Particulars
from apps.accounts.sms import SmsSender
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Refused
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import newest

DB = pytest.mark.django_db
PHONE = "+8613800138000"
TOKEN = "gateway-token"


class Gateway:
    """Takes posts and answers as it is told to."""

    def __init__(self) -> None:
        self.status, self.location = 202, ""
        self.taken: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.taken.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/messages"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def texts(self) -> list[str]:
        """What it was given to send."""
        return [body["text"] for _path, _headers, body in self.taken]


@pytest.fixture
def gateway(settings: Settings, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that listens, and an installation that sends codes by it."""
    made, token = Gateway(), tmp_path / "token"
    token.write_text(TOKEN + "\n")
    settings.LOANFLOW_SMS_URL, settings.LOANFLOW_SMS_TOKEN_FILE = made.url, str(token)
    settings.LOANFLOW_CODES_BY = "sms"
    yield made
    made.server.shutdown()
    made.server.server_close()


def borrower(phone: str = PHONE, language: str = "en") -> Account:
    """A borrower's account with a phone on file."""
    factories.institution()
    who = Particulars("songhua", "Zhou", "z@example.test", phone=phone, language=language, kind=AccountKind.BORROWER)
    made = people.person_invite(actor=SETUP, who=who).account
    factories._enrol(actor=SETUP, made=made)
    return made


@DB
def test_a_code_goes_to_the_phone_and_nowhere_else(
    gateway: Gateway, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    owner = borrower()
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(reverse("accounts:sign_in"), {"name": "songhua", "password": PASSWORD}, follow=True)
    (path, headers, body), text = gateway.taken[0], page.content.decode()
    assert (path, headers["Authorization"], body["to"]) == ("/v1/messages", f"Bearer {TOKEN}", PHONE)
    code = re.search(r"\b\d{6}\b", body["text"])
    assert code
    assert mail.outbox == []
    assert newest(Tag.CODE_SENT)["note"] == {"channel": "sms"}
    assert owner.person.phone.masked in text
    assert PHONE not in text
    assert client.post(reverse("accounts:email_code"), {"code": code[0]}).status_code == 302
    assert code[0] not in str(EmailCode.objects.values())


@DB
@pytest.mark.parametrize(("by", "phone"), [("mail", PHONE), ("sms", "")])
def test_without_a_phone_or_where_mail_is_chosen_a_code_goes_by_mail(
    gateway: Gateway, by: str, phone: str, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.LOANFLOW_CODES_BY = by
    owner = borrower(phone)
    with django_capture_on_commit_callbacks(execute=True):
        email_code_send(actor=Actor.anonymous(), account=owner)
    assert (len(mail.outbox), gateway.taken) == (1, [])
    assert owner.codes_go_to == owner.person.email.masked


@DB
def test_staff_never_get_a_code_by_phone(gateway: Gateway) -> None:
    assert not factories.staff().codes_go_to_phone


@DB
def test_a_code_by_phone_is_no_factor_that_signs(gateway: Gateway) -> None:
    owner = borrower()
    email_code_prove(actor=Actor.anonymous(), account=owner, code=factories.email_code(owner))
    assert newest(Tag.FACTOR_PROVED)["note"]["factor"] == "email"
    assert not factories.actor_for(owner).is_fresh(factories.clock.now())


@DB
def test_codes_by_phone_are_as_few_as_by_mail(gateway: Gateway) -> None:
    owner = borrower()
    email_code_send(actor=Actor.anonymous(), account=owner)
    with pytest.raises(Refused) as refused:
        email_code_send(actor=Actor.anonymous(), account=owner)
    assert refused.value.guard == "throttled"


@DB
def test_a_wrong_password_reaches_no_phone(
    gateway: Gateway, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    borrower()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("accounts:sign_in"), {"name": "songhua", "password": "wrong"})
    assert gateway.taken == []


@DB
def test_messages_are_in_their_readers_language_and_short(gateway: Gateway) -> None:
    SmsSender().send(borrower(language="zh-hans"), "code", {"code": "123456", "minutes": 10})
    assert "123456" in gateway.texts()[0]
    assert len(gateway.texts()[0]) <= 160
    assert "\n" not in gateway.texts()[0]


@DB
@pytest.mark.parametrize("status", [301, 307, 400, 401, 500])
def test_anything_but_a_receipt_is_a_failure_and_no_redirection_is_followed(gateway: Gateway, status: int) -> None:
    gateway.status, gateway.location = status, gateway.url
    with pytest.raises(OSError, match=str(status)):
        SmsSender().send(borrower(), "code", {"code": "123456", "minutes": 10})
    assert len(gateway.taken) == 1


def test_a_gateway_that_is_away_gets_another_code_later(
    gateway: Gateway, committed_db: str, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.status = 503
    owner = borrower()
    email_code_send(actor=Actor.anonymous(), account=owner)
    (asked,) = [row.args_kwargs["args"] for row in DBTaskResult.objects.all()]
    assert asked[0] == "code"
    assert PHONE not in caplog.text
    assert gateway.texts()[0].split()[5] not in caplog.text
    gateway.status = 200
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("apps.accounts.rules.EMAIL_CODE_PAUSE", tasks.PAUSES[0] * 0)
        tasks.send_again.call(*asked)
    assert len(gateway.taken) == 2


@DB
def test_a_lost_factor_is_told_to_the_phone_as_well(gateway: Gateway, django_capture_on_commit_callbacks: Any) -> None:
    factories.institution()
    who = Particulars("li-wei", "Li Wei", "l@example.test", phone=PHONE)
    owner = people.person_invite(actor=SETUP, who=who).account
    factories._enrol(actor=SETUP, made=owner)
    one, other = (factories.actor_for(factories.staff(Role.ADMINISTRATOR)) for _each in range(2))
    with django_capture_on_commit_callbacks(execute=True):
        row = reset_start(actor=one, account=owner, reason="lost", site="https://x.example.test")
    with django_capture_on_commit_callbacks(execute=True):
        reset_agree(actor=other, row=row, site="https://x.example.test")
    assert ["somebody asks" in gateway.texts()[0], "were taken away" in gateway.texts()[1]] == [True, True]
    assert "invitation" not in "".join(gateway.texts()), "the link goes to the mailbox alone"


def test_a_word_to_a_phone_that_failed_is_sent_to_the_phone_again(gateway: Gateway, committed_db: str) -> None:
    factories.institution()
    owner = people.person_invite(
        actor=SETUP, who=Particulars("li-wei", "Li Wei", "l@example.test", phone=PHONE)
    ).account
    factories._enrol(actor=SETUP, made=owner)
    gateway.status = 500
    reset_start(actor=factories.actor_for(factories.staff(Role.ADMINISTRATOR)), account=owner, reason="lost", site="")
    (asked,) = [row.args_kwargs["args"] for row in DBTaskResult.objects.all()]
    assert asked[0] == "factor_reset_asked_sms"
    sent, gateway.status = len(mail.outbox), 200
    tasks.send_again.call(*asked)
    assert (len(gateway.taken), len(mail.outbox)) == (2, sent)
