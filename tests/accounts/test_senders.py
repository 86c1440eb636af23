"""Mail goes out after the commit; a mail server that is away costs neither the act nor its line in the journal."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import settings as live
from django.core import mail
from django_tasks_db.models import DBTaskResult

from apps.accounts import senders, tasks
from apps.accounts.models import Account, Invitation
from apps.accounts.selectors import open_invitation
from apps.accounts.services.factors import email_code_send
from apps.accounts.services.invitations import invitation_mail
from apps.accounts.services.people import Particulars, person_invite
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.audit.verify import verify
from apps.core.actor import Actor
from tests.accounts import factories
from tests.accounts.factories import SETUP

SITE = "https://loans.example.test"
ADDRESS = "li.wei@example.test"


class Away:
    """A mail server that quotes the address as it refuses."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Fail as smtplib does."""
        raise SMTPRecipientsRefused({ADDRESS: (550, b"no")})


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Take the mail server away until the patch is undone."""
    with monkeypatch.context() as patched:
        patched.setitem(senders.SENDERS, "mail", Away)
        yield patched


@act
def invite(*, actor: Actor) -> Account:
    """Invite somebody and mail the link, the mail asked for before the last event."""
    made = person_invite(actor=actor, who=Particulars(handle="officer-77", name="Li Wei", email=ADDRESS))
    invitation_mail(made.account, made.token, SITE)
    return made.account


def waiting() -> list[dict[str, Any]]:
    """Arguments of the tasks that wait."""
    return [row.args_kwargs for row in DBTaskResult.objects.order_by("enqueued_at")]


def journal() -> str:
    """All lines of the journal."""
    return "".join(file.read_text() for file in sorted(Path(live.LOANFLOW_JOURNAL).glob("*.journal")))


def test_a_failing_mail_server_loses_no_line_of_the_journal(
    committed_db: str, away: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    factories.institution()
    with caplog.at_level(logging.WARNING):
        made = invite(actor=SETUP)
    assert Account.objects.filter(pk=made.pk).exists()
    lines = {int(line.split()[0]) for line in journal().splitlines()}
    assert lines == set(AuditEvent.objects.values_list("pk", flat=True))
    assert verify().intact
    assert f"message invitation for account {made.pk} was not sent: SMTPRecipientsRefused" in caplog.text
    assert ADDRESS not in caplog.text


def test_the_task_that_tries_again_holds_ids_only_and_mails_a_new_link(
    committed_db: str, away: pytest.MonkeyPatch
) -> None:
    factories.institution()
    made = invite(actor=SETUP)
    lost = Invitation.objects.get(account=made)
    assert waiting() == [{"args": ["invitation", lost.pk, SITE, 1], "kwargs": {}}]
    away.undo()
    tasks.send_again.call("invitation", lost.pk, SITE, 1)
    token = re.search(rf"{SITE}/account/invitation/(\S+)/", mail.outbox[-1].body)
    assert token is not None
    assert open_invitation(token.group(1)) is not None
    lost.refresh_from_db()
    assert lost.withdrawn_at is not None
    sent = len(mail.outbox)
    tasks.send_again.call("invitation", lost.pk, SITE, 1)  # it was replaced: nothing is sent twice
    assert len(mail.outbox) == sent


def test_attempts_end_some_day_and_say_so(
    committed_db: str, away: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    factories.institution()
    made = invite(actor=SETUP)
    newest = Invitation.objects.get(account=made)
    for attempt in range(1, len(tasks.PAUSES) + 1):
        newest = Invitation.objects.filter(account=made).latest("pk")
        tasks.send_again.call("invitation", newest.pk, SITE, attempt)
    assert len(waiting()) == len(tasks.PAUSES)
    assert "given up after 5 attempts" in caplog.text


def test_a_code_that_could_not_be_sent_is_followed_by_another(committed_db: str, away: pytest.MonkeyPatch) -> None:
    borrower = factories.borrower_account("songhua")
    email_code_send(actor=Actor.anonymous(), account=borrower)
    (asked,) = waiting()
    assert asked["args"][0] == "code"
    away.undo()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("apps.accounts.rules.EMAIL_CODE_PAUSE", tasks.PAUSES[0] * 0)
        tasks.send_again.call(*asked["args"])
    assert re.search(r"\b\d{6}\b", mail.outbox[-1].body)
