"""Grows the furnished world of the walks to many cases: every row that hangs on a case or borrower is copied, by the database.

Each copy has numbers, names, branch, people and days of its own; what is encrypted at a borrower stays readable, elsewhere it
is only as long as it was. Bare rows by the million are no events, so the locks of the log are off while they are written. What
is unique in the world is no longer enforced where it was copied; the same columns are indexed as before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from apps.access.roles import Role
from apps.audit.locks import install_locks
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.vault.fields.index import BlindIndexField
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.walks.world import NEAR, World

Model = type[models.Model]
STEP = 100_000
"""Copy number k of a row has its number plus k of these."""
BRANCHES, COLLEAGUES, OWN, NEAR_EVERY = 12, 48, 50, 4
"""Branches and people beside the world's; every how many copies stay with the world's own people, and in its own branch."""
EVENTS = 200_000
DAYS, YEARS = 365, 12
"""How far back cases lie, and how many of these borrowers."""
APART = {"access", "accounts", "audit", "vault"}
LEFT = {
    "borrowers.BorrowerAccess", "borrowers.StaffInterest", "borrowers.BorrowerGroup", "workflow.CaseBlock", "applications.Upload",
    "applications.UploadPiece",
}  # fmt: skip
"""Exceptions that one person has a few of, and what lasts a day."""
DEADLINES = {"due_at", "due_on", "next_due_on", "ends_on", "expires_at", "ends_at"}


def grow(world: World, cases: int) -> dict[str, int]:
    """Copy until there are that many cases; returns how many rows each kind has."""
    chosen = copied_models()
    copies = max(1, -(-cases // LoanCase.objects.count()) - 1)
    values = {
        "branches": [people.branch(f"L{at:02}", name=f"Branch {at}").pk for at in range(BRANCHES)],
        "people": [people.staff(list(Role)[1 + at % 12], handle=f"large-{at:02}").person_id for at in range(COLLEAGUES)],
        "own": [world.account(NEAR, role).person_id for role in Role if role != Role.BORROWER],
    }  # fmt: skip
    run("SET synchronous_commit = off")
    run("SET maintenance_work_mem = '512MB'")
    for model in chosen:
        start = time.monotonic()
        with bare(model) as table:
            run(copying(model, set(chosen)), {**values, "copies": copies})
        print(f"  {table}: {time.monotonic() - start:.1f} s", flush=True)
    events(copies)
    install_locks()
    run("RESET ALL")
    run("VACUUM ANALYZE")
    return {model._meta.label: model._base_manager.count() for model in (*chosen, AuditEvent)}


def copied_models() -> list[Model]:
    """Kinds of rows that hang on a case or a borrower, however far down."""
    found, waiting = set(), [LoanCase, Borrower]
    while waiting:
        model = waiting.pop()
        meta = model._meta
        if model in found or meta.label in LEFT or meta.app_label in APART or not model.__module__.startswith("apps."):
            continue
        found.add(model)
        waiting += [relation.related_model for relation in meta.related_objects]
    return sorted(found, key=lambda each: each._meta.label)


class bare:  # noqa: N801
    """A table without triggers and further indexes while it is filled; afterwards it has them again, none of them unique."""

    def __init__(self, model: Model) -> None:
        self.table = model._meta.db_table
        self.indexes: list[str] = []

    def __enter__(self) -> str:
        run(f'ALTER TABLE "{self.table}" DISABLE TRIGGER ALL')
        constraints = {name for (name,) in rows(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('u', 'x')", [self.table])}  # fmt: skip
        for name, text, primary in rows(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass",
            [self.table],
        ):
            if primary:
                continue
            self.indexes.append(text.replace("CREATE UNIQUE INDEX", "CREATE INDEX"))
            run(f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{name}"' if name in constraints else f'DROP INDEX "{name}"')  # fmt: skip
        return self.table

    def __exit__(self, *_problem: object) -> None:
        for text in self.indexes:
            run(text)
        run(f'ALTER TABLE "{self.table}" ENABLE TRIGGER ALL')
        if rows("SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = 'id' AND is_identity = 'YES'", [self.table]):  # fmt: skip
            run(
                f"SELECT setval(pg_get_serial_sequence('{self.table}', 'id'), (SELECT MAX(id) FROM \"{self.table}\") + 1)"
            )


def copying(model: Model, chosen: set[Model]) -> str:
    """The statement that copies all rows of a table."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    made = ", ".join(value_of(model, field, chosen) for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {made} FROM "{model._meta.db_table}" t, generate_series(1, %(copies)s) k'


def value_of(model: Model, field: Any, chosen: set[Model]) -> str:
    """What a column of a copy holds."""
    column = f't."{field.column}"'
    if field.primary_key and not field.is_relation:
        return f"{column} + k * {STEP}"
    if field.is_relation:
        return related(column, field, chosen)
    if model is LoanCase and field.name == "number":
        return "'LF-' || 2030 + k / 1000 || '-' || lpad(((k %% 1000) * 1000 + t.id %% 1000)::text, 6, '0')"
    if isinstance(field, BlindIndexField):
        return f"{column} # k::bigint"
    if isinstance(field, models.UUIDField):
        return column if model._meta.app_label == "borrowers" else f"md5({column}::text || k)::uuid"
    return plain(model, column, field)


def related(column: str, field: Any, chosen: set[Model]) -> str:
    """The row that a copy's relation leads to."""
    target = field.related_model._meta.label
    if field.related_model in chosen:
        return f"{column} + k * {STEP}"
    if target == "accounts.Branch":
        return f"CASE WHEN {column} IS NULL OR k %% {NEAR_EVERY} = 0 THEN {column} ELSE (%(branches)s::bigint[])[1 + k %% {BRANCHES}] END"
    if target == "accounts.Person":
        return f"CASE WHEN {column} IS NULL OR (k %% {OWN} = 0 AND {column} = ANY(%(own)s)) THEN {column} ELSE (%(people)s::bigint[])[1 + (k + {column}) %% {COLLEAGUES}] END"
    return "NULL" if target == "borrowers.BorrowerGroup" else column


def plain(model: Model, column: str, field: Any) -> str:
    """A name, a number or a day of a copy's own."""
    if field.name in {"legal_name", "name_folded"}:
        return f"{column} || ' ' || k"
    if isinstance(field, models.CharField) and field.unique:
        return f"left({column}, {field.max_length - 6}) || lpad(to_hex(k), 6, '0')"
    if isinstance(field, models.DateField | models.DateTimeField):
        days = "k %% 24 - 4" if field.name in DEADLINES else f"-(k %% {YEARS * DAYS if model is Borrower else DAYS})"
        shifted = f"{column} + make_interval(days => {days})"
        return shifted if isinstance(field, models.DateTimeField) else f"({shifted})::date"
    return column


def events(copies: int) -> None:
    """Copy the log's events below its first number, one copy a day back, with what they touch; they count as sealed long ago."""
    table = AuditEvent._meta.db_table
    ((count,),) = rows(f"SELECT COUNT(*) FROM {table}")
    times = {"copies": min(copies, max(1, EVENTS // count)), "step": STEP}
    earlier = "to_char((moment::timestamptz - make_interval(days => k %% 365)) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    moved = f"replace(replace(body, moment, {earlier}), 'LF-2', 'LF-' || 3 + k %% 6)"
    with bare(AuditEvent):
        run(
            f"INSERT INTO {table} (id, txid, body, mac_key, mac) SELECT id - k::bigint * %(step)s, 0, {moved}, mac_key, mac "
            f"FROM (SELECT *, body::jsonb ->> 'at' AS moment FROM {table} WHERE body::jsonb ->> 'action' <> %(drawn)s) t, "
            "generate_series(1, %(copies)s) k",
            {**times, "drawn": str(Tag.SAMPLE_DRAWN)},  # a sample's page is found by its number, which a copy has not
        )
    run("ALTER TABLE audit_touch DISABLE TRIGGER ALL")
    run(
        "INSERT INTO audit_touch (event_id, txid, object, n, op) SELECT event_id - k::bigint * %(step)s, 0, object || '/' || k, n, op "
        "FROM audit_touch, generate_series(1, %(copies)s) k",
        times,
    )
    run("ALTER TABLE audit_touch ENABLE TRIGGER ALL")


def run(statement: str, values: Any = None) -> None:
    """Execute a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def rows(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def kinds(counted: dict[str, int]) -> Iterator[str]:
    """The largest kinds, in words."""
    for label, count in sorted(counted.items(), key=lambda each: -each[1])[:8]:
        yield f"{label} {count:,}"
