"""How links and codes reach people: one interface, mail for now. Codes sent this way never sign anything off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from apps.accounts.models import Account


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
    transaction.on_commit(lambda: SENDERS[name]().send(account, template, context), robust=robust)
