"""Short messages to phones, by a gateway that takes one POST of JSON for each: ``{"to": "+86…", "text": "…"}``.

A status of 2xx says that the gateway has it, anything else that it has not; a redirection is not followed, as the text
would go elsewhere with it. The token is read anew each time, so that it can be changed while work goes on.
"""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from apps.accounts.models import Account
from apps.audit.exchanges import connected

PATIENCE = 10.0
"""Seconds that a gateway may take."""
LONGEST = 500
"""Characters of a message: more than a few parts is a mistake."""


class SmsSender:
    """Sends through the gateway at ``LOANFLOW_SMS_URL``. The number is opened in memory for this one use."""

    def send(self, account: Account, template: str, context: dict[str, object]) -> None:
        """Send ``templates/accounts/sms/<template>.txt`` to the phone of an account's person, in their language."""
        self.send_to(
            str(account.person.phone.reveal()), account.person.language, template, {"account": account, **context}
        )

    def send_to(self, address: str, language: str, template: str, context: dict[str, object]) -> None:
        """Send to a number. Raises ``OSError`` or ``HTTPException`` unless the gateway has it."""
        with translation.override(language):
            text = " ".join(render_to_string(f"accounts/sms/{template}.txt", context).split())
        _post({"to": address, "text": text[:LONGEST]})


def is_there() -> bool:
    """Tell whether the installation has a gateway."""
    return bool(settings.LOANFLOW_SMS_URL)


def _post(message: dict[str, str]) -> None:
    address = urllib.parse.urlsplit(settings.LOANFLOW_SMS_URL)
    with connected(address, PATIENCE) as connection:
        connection.request("POST", address.path or "/", json.dumps(message).encode(), _headers())
        with connection.getresponse() as answer:
            answer.read(4096)
    if not 200 <= answer.status < 300:
        raise OSError(f"the gateway answered {answer.status}")


def _headers() -> dict[str, str]:
    token = settings.LOANFLOW_SMS_TOKEN_FILE
    bearer = {"Authorization": f"Bearer {Path(token).read_text(encoding='ascii').strip()}"} if token else {}
    return {"Content-Type": "application/json", **bearer}
