"""The log takes new events and nothing else, whoever asks."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection

from apps.audit.models import AuditEvent, AuditMacKey, AuditTouch
from apps.audit.verify import verify
from tests.audit.factories import branch, newest, run

pytestmark = pytest.mark.usefixtures("shared_db")


def refused(statement: str, *parameters: Any):
    before = sorted(AuditEvent.objects.values_list("pk", "body", "mac"))
    with pytest.raises((IntegrityError, DatabaseError)):
        run(statement, parameters)
    assert sorted(AuditEvent.objects.values_list("pk", "body", "mac")) == before


def test_rows_are_neither_deleted_nor_changed():
    branch()
    for table, column in {"audit_event": "mac", "audit_touch": "op", "audit_mac_key": "root_key"}.items():
        refused(f"DELETE FROM {table}")
        refused(f"UPDATE {table} SET {column} = 'x'")
    refused("UPDATE audit_event SET body = '{}'")
    assert verify().intact


def test_the_orm_has_no_way_either():
    branch()
    event = newest()
    event.mac = "0" * 64
    for attempt in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(mac="x"),
        AuditTouch.objects.all().delete,
        lambda: AuditMacKey.objects.update(root_key="x"),
    ):
        with pytest.raises((IntegrityError, DatabaseError)):
            attempt()


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="INSERT OR REPLACE is SQLite's")
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
def test_an_event_is_not_replaced(verb: str):
    branch()
    event = newest()
    run_or_fail = f"{verb} INTO audit_event (id, txid, body, mac_key, mac) VALUES (%s, 0, '{{}}', 'x', 'x')"
    with pytest.raises(IntegrityError):
        run(run_or_fail, (event.pk,))
    assert newest().body == event.body


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="TRUNCATE is PostgreSQL's")
def test_nothing_is_truncated():
    branch()
    for table in ("audit_event", "audit_touch", "audit_mac_key", "accounts_branch CASCADE"):
        refused(f"TRUNCATE {table}")


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="upserts and roles are PostgreSQL's")
def test_neither_upserts_nor_a_replica_session_walk_round():
    branch()
    event = newest()
    refused(
        "INSERT INTO audit_event (id, txid, body, mac_key, mac) VALUES (%s, 0, '{}', 'x', 'x')"
        " ON CONFLICT (id) DO UPDATE SET body = '{}'",
        event.pk,
    )
    run("SET session_replication_role = replica")
    refused("DELETE FROM audit_event")
    run("SET session_replication_role = origin")


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="transactions are numbered on PostgreSQL")
def test_an_event_cannot_claim_another_transaction(committed_db: str):
    branch()
    key = newest().mac_key
    run("INSERT INTO audit_event (txid, body, mac_key, mac) VALUES (1, '{}', %s, 'x')", (key,))
    assert newest().txid != 1


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite cannot tell who inserts; verify finds it there")
def test_the_table_of_touched_objects_is_filled_by_its_trigger_alone():
    branch()
    refused("INSERT INTO audit_touch (event_id, txid, object, n, op) VALUES (1, txid_current(), 'a:1', 9, 'update')")


def test_a_forged_event_is_found(committed_db: str):
    branch()
    key = newest().mac_key
    run("INSERT INTO audit_event (txid, body, mac_key, mac) VALUES (0, '{}', %s, %s)", (key, "0" * 64))
    report = verify()
    assert (report.first_bad.event, report.first_bad.kind) == (newest().pk, "code")


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="debts are SQLite's")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_debt",
        "UPDATE audit_debt SET since = 0",
        "INSERT INTO audit_nothing (id) VALUES (1)",
    ],
)
def test_a_debt_is_paid_by_its_event_alone(statement: str):
    row = branch()
    with pytest.raises(IntegrityError):
        run("BEGIN IMMEDIATE")
        try:
            run("UPDATE accounts_branch SET name = 'x' WHERE id = %s", (row.pk,))
            run(statement)
            run("COMMIT")
        finally:
            run("ROLLBACK")
    row.refresh_from_db()
    assert row.name != "x"


def test_the_vendor_is_one_of_two():
    assert connection.vendor in {"sqlite", "postgresql"}
