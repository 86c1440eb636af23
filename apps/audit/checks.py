"""System check: the triggers that the database holds are those that should be there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's own name
from django.db import DEFAULT_DB_ALIAS

from apps.audit.locks.install import log_exists, wrong_locks

HINT = "Run manage.py migrate: it puts them back. Find out who took them away."


def check_locks(databases: Sequence[str] | None = None, **_more: Any) -> list[CheckMessage]:
    """Warn of each lock that is missing, altered or silenced; a warning, as ``migrate``, which mends it, checks first."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or not log_exists():
        return []
    return [
        Warning(f"A lock of the audit log is not as it should be: {name}.", hint=HINT, id="audit.W001")
        for name in wrong_locks()
    ]
