"""Rows and events for tests of the log, made in acts of their own; and the ways an intruder would write."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Account, Branch, Person
from apps.audit.locks.guarded import KEPT_TABLES, LOG_TABLES
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.vault.services import installation_owner, owner_create

SYSTEM = Actor.system("tests")
numbers = itertools.count(1)


def unsaved_branch(**fields: Any) -> Branch:
    """Return a branch that is in no table yet."""
    code = fields.pop("code", f"B{next(numbers)}")
    return Branch(**{"code": code, "name": f"Branch {code}", "path": f"{code}/", **fields})


def branch(**fields: Any) -> Branch:
    """Return a branch, recorded as created."""
    with act(actor=SYSTEM):
        made = unsaved_branch(**fields)
        made.save()
        record(Tag.BRANCH_CREATED, actor=SYSTEM, subject=made)
    return made


def rename(row: Branch, name: str) -> AuditEvent:
    """Change a branch in an act of its own."""
    with act(actor=SYSTEM):
        row.name = name
        row.save()
        return record(Tag.BRANCH_CHANGED, actor=SYSTEM, subject=row)


def person(name: str = "Ada Lovelace") -> Person:
    """Return a person whose name is encrypted under a key of their own."""
    with act(actor=SYSTEM):
        installation_owner()
        owner = owner_create(kind="person", label=f"person {next(numbers)}")
        made = Person(key_owner=owner, name=name, email=f"p{next(numbers)}@example.test", phone="")
        made.save()
        record(Tag.PERSON_INVITED, actor=SYSTEM, subject=made)
    return made


def account() -> Account:
    """Return an account of a new person."""
    someone = person()
    with act(actor=SYSTEM):
        made = Account(handle=f"staff-{next(numbers)}", kind="staff", person=someone)
        made.set_unusable_password()
        made.save()
        record(Tag.PERSON_INVITED, actor=SYSTEM, subject=made)
    return made


def newest() -> AuditEvent:
    """Return the last event."""
    return AuditEvent.objects.order_by("-pk")[0]


def run(statement: str, parameters: tuple[Any, ...] = ()) -> None:
    """Execute SQL as an intruder would, outside any act."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


LOCKED = (*LOG_TABLES, *KEPT_TABLES, "accounts_branch", "accounts_person", "borrowers_borrowergroup")


@contextmanager
def locks_off() -> Iterator[None]:
    """Work as the database's owner can: with the triggers off, and back on afterwards as if nothing had been."""
    off, on = _silenced() if connection.vendor == "postgresql" else _dropped()
    with transaction.atomic():
        for statement in off:
            run(statement)
    with transaction.atomic():
        yield
    with transaction.atomic():
        for statement in on:
            run(statement)


def _dropped() -> tuple[list[str], list[str]]:
    """Statements that drop and make again SQLite's triggers on the log and on branches."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = [(name, sql) for name, table, sql in cursor.fetchall() if table in LOCKED]
    return [f'DROP TRIGGER "{name}"' for name, _sql in found], [sql for _name, sql in found]


def _silenced() -> tuple[list[str], list[str]]:
    """Statements that silence PostgreSQL's triggers and let them speak again, always."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        found = [(table, name) for table, name in cursor.fetchall() if table in LOCKED]
    return (
        [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in found],
        [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name in found],
    )
