"""How links and codes reach people: one interface, by mail or to a phone. Codes sent this way never sign anything off.

A message goes out once its act has committed. Where that fails the act stands all the same: the log file says which message
to which account failed (no address, no text), and a task tries again with a new link or code, as none is kept in clear.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from apps.accounts import sms
from apps.accounts.models import Account
from apps.accounts.sms import SmsSender
from apps.accounts.tasks import send_again, send_again_later

logger = logging.getLogger(__name__)


class Sender(Protocol):
    """Sends one message to an account's person, in that person's language."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Send ``templates/accounts/mail/<template>.txt``; its first line is the subject."""

    def send_to(self, address: str, language: str, template: str, context: dict[str, object]) -> None:
        """Send the same to an address that belongs to no account yet."""


class MailSender:
    """Sends through Django's mail backend. The address is opened in memory for this one use."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Send the message now."""
        shown = {"account": account, **context}
        self.send_to(str(account.person.email.reveal()), account.person.language, template, shown)

    def send_to(self, address: str, language: str, template: str, context: dict[str, object]) -> None:
        """Send to an address that belongs to no account yet."""
        with translation.override(language):
            text = render_to_string(f"accounts/mail/{template}.txt", context)
        subject, _newline, body = text.strip().partition("\n")
        send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [address])


MAIL, SMS = "mail", "sms"
SENDERS: dict[str, Callable[[], Sender]] = {MAIL: MailSender, SMS: SmsSender}


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """What a message was made of: the row by whose id another can be made, the site, how often it was tried, which way."""

    row_id: int
    site: str = ""
    attempt: int = 0
    by: str = MAIL


def send_on_commit(account: Account, template: str, context: dict[str, object], origin: Origin) -> None:
    """Send once the act has committed; nothing goes out for what was rolled back."""
    transaction.on_commit(lambda: _deliver(account, template, context, origin), robust=True)


def mail_on_commit(address: str, language: str, template: str, context: dict[str, object]) -> None:
    """Send to an address that belongs to no account yet, once the act has committed.

    What fails is not tried again: the address is kept nowhere, and whoever waits for the mail asks for it once more.
    """
    transaction.on_commit(lambda: _deliver_once(address, language, template, context), robust=True)


def _deliver_once(address: str, language: str, template: str, context: dict[str, object]) -> None:
    try:
        SENDERS[MAIL]().send_to(address, language, template, context)
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the act has been done
        logger.warning("message %s was not sent: %s", template, type(error).__name__)  # its text may quote the address


def _deliver(account: Account, template: str, context: dict[str, object], origin: Origin) -> None:
    try:
        SENDERS[origin.by]().send(account, template, context)
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the act has been done
        kind = type(error).__name__  # its text may quote the address
        logger.warning("message %s for account %s was not sent: %s", template, account.pk, kind)
        send_again_later(renewal_of(template, origin.by), origin.row_id, origin.site, origin.attempt)


def renewal_of(template: str, by: str) -> str:
    """Name under which a message is made again: a word goes the way that failed, a code goes its account's way anyhow."""
    return f"{template}_{SMS}" if by == SMS and template in EVERYWHERE else template


ONCE = (
    "news", "access_news", "passkey_news", "passkey_gone", "recipient_news", "password_news", "factor_news", "attempts_news",
    "device_news",
)  # fmt: skip
"""Words that go by mail."""
EVERYWHERE = ("factor_reset_asked", "factor_reset_done", "recovery_used", "recovery_done")
"""Words that go every way that leads to a person."""


def word_send(account: Account, template: str, *, site: str = "", attempt: int = 0, by: str = MAIL) -> None:
    """Send a message that says nothing but that there is news; no row holds more of it than the account."""
    context: dict[str, object] = {"signs_from": account.signs_from}
    send_on_commit(account, template, context, Origin(account.pk, site, attempt, by))


def word_later(account: Account, template: str) -> None:
    """Leave such a message to the task worker: whoever waits for the answer learns nothing from how long a mail takes."""
    send_again.enqueue(template, account.pk, "", 0)


def word_send_everywhere(account: Account, template: str) -> None:
    """Send such a message by every way that leads to the person: mail, and a short message where there is a phone."""
    word_send(account, template)
    if sms.is_there() and account.person.phone:
        word_send(account, template, by=SMS)


def word_send_again(template: str, account_id: int, site: str, attempt: int, by: str = MAIL) -> None:
    """Send such a message again while the account is in use."""
    account = Account.objects.select_related("person").filter(pk=account_id, is_active=True).first()
    if account is not None:
        word_send(account, template, site=site, attempt=attempt, by=by)


def codes_by(account: Account) -> str:
    """Which way a borrower's codes go: to the phone where the institution says so and there is one, else by mail."""
    return SMS if account.codes_go_to_phone else MAIL
