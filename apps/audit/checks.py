"""System checks: the triggers are those that should be there, and the application does not own its database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own name
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection

from apps.audit.locks.install import log_exists, wrong_locks
from apps.audit.locks.roles import too_powerful

HINT = "Run manage.py migrate: it puts them back. Find out who took them away."
ROLES = "Run manage.py harden_database, and let the application sign in as the role it makes for it."


def check_locks(databases: Sequence[str] | None = None, **_more: Any) -> list[CheckMessage]:
    """Warn of each lock that is missing, altered or silenced; a warning, as ``migrate``, which mends it, checks first."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or not log_exists():
        return []
    return [
        Warning(f"A lock of the audit log is not as it should be: {name}.", hint=HINT, id="audit.W001")
        for name in wrong_locks()
    ]


def check_role(**_more: Any) -> list[CheckMessage]:
    """Refuse, for ``check --deploy``, an application whose role owns the log's tables or could spoil them otherwise."""
    if connection.vendor != "postgresql":
        return []
    try:
        found = too_powerful() if log_exists() else []
    except DatabaseError as problem:
        words = f"The database could not be asked which role the application has: {type(problem).__name__}."
        return [Warning(words, hint="Check the connection.", id="audit.W002")]
    return [
        Error(f"The application's role in the database is too powerful: {words}.", hint=ROLES, id="audit.E001")
        for words in found
    ]
