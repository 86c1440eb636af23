"""Refuses to start where demo people exist outside demo mode, or where the list of breached passwords cannot be read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError
from django.utils.translation import gettext as _

from apps.accounts import demo


def check_demo_people(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Tell Django's system check, which servers run as they start; before the first migration there is nothing."""
    try:
        strays = demo.strays()
    except DatabaseError:
        return []
    if not strays:
        return []
    words = _(
        "This database holds %(count)s demo people, but LOANFLOW_MODE is not demo. For the demo set LOANFLOW_MODE=demo; for anything else use another database."
    )
    return [checks.Critical(words % {"count": strays}, id="accounts.E001")]


def check_breached_list(app_configs: Any, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Tell Django's system check whether the list that new passwords are looked up in can be opened."""
    if not settings.LOANFLOW_BREACHED_PASSWORDS:
        return []
    try:
        with open(settings.LOANFLOW_BREACHED_PASSWORDS, "rb"):
            return []
    except OSError as problem:
        words = _("LOANFLOW_BREACHED_PASSWORDS names a list that cannot be read: %(why)s.") % {"why": problem.strerror}
        return [checks.Critical(words, id="accounts.E002")]
