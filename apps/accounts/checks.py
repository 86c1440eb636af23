"""Refuses to start where demo people exist outside demo mode."""

from __future__ import annotations

from typing import Any

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
