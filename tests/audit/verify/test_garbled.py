"""SQLite keeps any value in any column: whatever stands in the log's tables, a verification ends, and says that something is wrong."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import pytest
from django.db import DatabaseError, connection

from apps.audit.models import AuditMacKey, AuditNode
from apps.audit.verify import verify
from tests.audit.factories import locks_off, run
from tests.audit.sealing import summary
from tests.audit.verify.test_sealed import TABLES, kept, log, put_back

__all__ = ["log"]
VALUES = (
    "x'ff'",
    "17",
    "'text'",
    "CAST(x'7bff7d' AS TEXT)",
    "9e999",
    "-1",
    "9223372036854775807",
    'CAST("{}" AS BLOB)',
)
MIDDLE = "(SELECT rowid FROM {0} ORDER BY rowid LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM {0}))"
NOT_PROVED = {"txid", "created", "horizon", "cluster", "id"}
"""Columns that prove nothing on SQLite: what they hold is another database's, or only the order of rows."""


@pytest.fixture(autouse=True)
def _on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's columns hold what they are declared to hold")


@pytest.mark.parametrize("model", [each for each in (*TABLES, AuditMacKey) if each is not AuditNode])
def test_a_verification_ends_whatever_a_column_holds(log: list[int], model: Any) -> None:
    held, table = {**kept(), **kept(AuditMacKey)}, model._meta.db_table
    columns = {field.column for field in model._meta.concrete_fields if not field.generated}
    found = set()
    with locks_off():
        assert told() == set()
        for column, value in itertools.product(sorted(columns), VALUES):
            with contextlib.suppress(DatabaseError):  # some are refused by the column even so
                run(f'UPDATE {table} SET "{column}" = {value.format(column)} WHERE rowid = {MIDDLE.format(table)}')
            found |= {column} if told() else set()
            put_back(held)
        assert told() == set()
    assert found >= columns - NOT_PROVED


def told() -> set[str]:
    """What a verification finds besides the locks that are off."""
    return {fault.kind for fault in verify().faults} - {"lock"}


@pytest.mark.parametrize("value", ['CAST("body" AS BLOB)', "'17'"])
def test_an_event_whose_body_is_no_text_is_named(log: list[int], value: str) -> None:
    with locks_off():
        run(f"UPDATE audit_event SET body = {value} WHERE id = %s", (log[2],))
    report = verify()
    assert report.first_bad is not None
    assert report.first_bad.event == log[2]


@pytest.mark.parametrize("table", ["audit_leaf", "audit_touch"])
def test_events_beside_which_something_garbled_stands_are_not_said_to_be_gone(log: list[int], table: str) -> None:
    with locks_off():
        run(f"UPDATE {table} SET event_id = 'text' WHERE rowid = {MIDDLE.format(table)}")
    faults = verify().faults
    assert "garbled" in {fault.kind for fault in faults}
    assert not [fault for fault in faults if fault.kind == "deleted"]


def test_what_cannot_be_read_is_said_by_several_processes_as_by_one(
    log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.audit.verify.run.WORTH_SPREADING", 0)
    monkeypatch.setattr("apps.audit.verify.run.STRETCHES", 1)
    for statement in (
        "UPDATE audit_object SET n = 'many'",
        "UPDATE audit_leaf SET hash = 'text'",
        "UPDATE audit_touch SET object = CAST(x'ff' AS TEXT) WHERE id = 1",
    ):
        held = kept()
        with locks_off():
            run(statement)
        report = verify()
        assert not report.intact
        assert summary(verify(processes=3)) == summary(report), statement
        with locks_off():
            put_back(held)
        assert verify().intact
