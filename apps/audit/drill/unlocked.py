"""Works as the database's superuser can: with every trigger on the log off, and back on as if nothing had been."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

from apps.audit.locks.guarded import KEPT_TABLES, LOG_TABLES

ALSO = "vault_keyowner"
LOCKED = (*LOG_TABLES, *KEPT_TABLES, ALSO)
Statements = list[str]


@contextlib.contextmanager
def unlocked() -> Iterator[None]:
    """Switch the triggers off inside the open transaction."""
    off, on = _silenced() if connection.vendor == "postgresql" else _dropped()
    _run(off)
    yield
    _run(on)


def _run(statements: Statements) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _dropped() -> tuple[Statements, Statements]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = [(name, sql) for name, table, sql in cursor.fetchall() if table in LOCKED]
    return [f'DROP TRIGGER "{name}"' for name, _sql in found], [sql for _name, sql in found]


def _silenced() -> tuple[Statements, Statements]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        found = [(table, name) for table, name in cursor.fetchall() if table in LOCKED]
    return (
        [f'ALTER TABLE {table} DISABLE TRIGGER "{name}"' for table, name in found],
        [f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"' for table, name in found],
    )
