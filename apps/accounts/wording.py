"""Sentences about factors that several places say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.rules import CodeFlaw

PASSKEY_NEEDED = _("Your role needs a passkey: a one-time code does not do.")
CODE_FLAWS: Mapping[CodeFlaw, Any] = {
    CodeFlaw.LATE: _(
        "This code's thirty seconds are over. Type the one that your app shows now. If that fails too, let your phone set its"
        " clock by itself."
    ),
    CodeFlaw.USED: _("This code was used already. Type the next one, as soon as your app shows it."),
    CodeFlaw.WRONG: _("This code is wrong, too old or was used already. Wait for the next one and try again."),
}
"""What the person reads whose one-time code was refused."""
