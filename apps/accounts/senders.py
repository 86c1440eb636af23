"""How links and codes reach people: one interface, mail for now. Codes sent this way never sign anything off."""

from __future__ import annotations

from collections.abc import Callable
from smtplib import SMTPException
from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.core.errors import Unavailable


class Sender(Protocol):
    """Sends one message to an account's person, in that person's language."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Send ``templates/accounts/mail/<template>.txt``; its first line is the subject."""


class MailSender:
    """Sends through Django's mail backend. The address is opened in memory for this one use."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Send the message now."""
        with translation.override(account.person.language):
            text = render_to_string(f"accounts/mail/{template}.txt", {"account": account, **context})
        subject, _newline, body = text.strip().partition("\n")
        send_mail(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [account.person.email.reveal()])


SENDERS: dict[str, Callable[[], Sender]] = {"mail": MailSender}


def send_on_commit(account: Account, template: str, context: dict[str, object], *, robust: bool = False) -> None:
    """Send once the act has committed; nothing goes out for what was rolled back. A ``robust`` one may fail, logged."""
    name = getattr(settings, "LOANFLOW_SENDER", "mail")

    def send() -> None:
        try:
            SENDERS[name]().send(account, template, context)
        except (OSError, SMTPException) as error:
            raise Unavailable(
                _("The message could not be sent just now. Wait a minute and ask for it again.")
            ) from error

    transaction.on_commit(send, robust=robust)
