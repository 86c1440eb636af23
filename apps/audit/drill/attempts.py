"""What the database itself must refuse with its locks on, and what must end well whatever fails on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.audit.canonical import JSON, canonical, digest, moment
from apps.audit.drill.staging import ACTOR, Stage
from apps.audit.drill.tampering import run
from apps.audit.models import AuditEvent, AuditLeaf
from apps.audit.services import act, record_read
from apps.audit.services.sealing import log_seal
from apps.audit.tags import Tag
from apps.vault.models import KeyOwner

INSERT = (
    "INTO audit_event (id, txid, body, mac_key, mac) SELECT id, 0, '{}', mac_key, mac FROM audit_event WHERE id = %s"
)


class _Cancelled(Exception):
    """What a failing request raises."""


def update(stage: Stage) -> None:
    """Update as the app."""
    run("UPDATE audit_event SET mac = mac WHERE id = %s", stage.first[0])


def delete(stage: Stage) -> None:
    """Delete as the app."""
    run("DELETE FROM audit_event WHERE id = %s", stage.first[0])


def truncate(stage: Stage) -> None:
    """Empty the table."""
    run("TRUNCATE audit_event" if connection.vendor == "postgresql" else "DELETE FROM audit_event")


def replace(stage: Stage) -> None:
    """Replace an event by another of the same number."""
    conflict = f"INSERT {INSERT} ON CONFLICT (id) DO UPDATE SET body = excluded.body"
    run(conflict if connection.vendor == "postgresql" else f"INSERT OR REPLACE {INSERT}", stage.first[0])


def as_replica(stage: Stage) -> None:
    """Delete in a session that passes ordinary triggers over."""
    if connection.vendor == "postgresql":
        run("SET LOCAL session_replication_role = replica")
    delete(stage)


def unrecorded(stage: Stage) -> None:
    """Change a business row without an event; the end of the transaction must refuse it."""
    run("UPDATE vault_keyowner SET label = 'drill 8' WHERE id = %s", stage.owners[1].pk)


def retire_without_event(stage: Stage) -> None:
    """Say that a stretch has retired of which no event tells."""
    run("INSERT INTO audit_retired (id, stop, event) VALUES (0, %s, %s)", stage.size, stage.tail[-1])


def retire_too_young(stage: Stage) -> None:
    """Let events of today retire, with an event that tells of it, forged as it is, and all else in order."""
    note: dict[str, JSON] = {"from": 0, "to": stage.size}
    text = canonical(
        {"v": 1, "at": moment(timezone.now()), "action": str(Tag.STRETCH_RETIRED), "outcome": "done", "note": note}
    )
    event = AuditEvent.objects.create(body=text, mac_key="0" * 16, mac="0" * 64)
    run("INSERT INTO audit_retired (id, stop, event) VALUES (0, %s, %s)", stage.size, event.pk)
    body = AuditEvent.objects.values_list("body", flat=True).get(pk=stage.first[0])
    run("INSERT INTO audit_stub (id, stretch, digest, images) VALUES (%s, 0, %s, '')", stage.first[0], digest(body))
    delete(stage)


REFUSED: dict[str, Callable[[Stage], None]] = {
    "update as the app": update,
    "delete as the app": delete,
    "truncate": truncate,
    "replace": replace,
    "session_replication_role": as_replica,
    "change a row without an event": unrecorded,
    "retire a stretch without an event": retire_without_event,
    "retire what is too young": retire_too_young,
}


def silence(stage: Stage) -> None:
    """Switch one lock off and leave it so: verification must say which."""
    postgresql = "ALTER TABLE audit_event DISABLE TRIGGER USER"
    run(postgresql if connection.vendor == "postgresql" else "DROP TRIGGER audit_event_no_update")


def failing_insert(stage: Stage) -> bool:
    """An event that cannot be written takes the change with it."""
    before = stage.owners[0].label
    try:
        with act(actor=ACTOR):
            KeyOwner.objects.filter(pk=stage.owners[0].pk).update(label="drill 7")
            run("INSERT INTO audit_event (txid, body, mac_key, mac) VALUES (0, 'no JSON', '', '')")
    except DatabaseError:
        pass
    return bool(KeyOwner.objects.get(pk=stage.owners[0].pk).label == before)


def rolled_back_look(stage: Stage) -> bool:
    """A look inside an act that is undone stays on record."""
    before = AuditEvent.objects.filter(action=Tag.EVENT_OPENED).count()
    try:
        with act(actor=ACTOR):
            record_read(Tag.EVENT_OPENED, actor=ACTOR, subject=stage.owners[0], note={"drill": "undone"})
            raise _Cancelled
    except _Cancelled:
        pass
    return AuditEvent.objects.filter(action=Tag.EVENT_OPENED).count() == before + 1


def three_sealers(stage: Stage) -> bool:
    """Three sealers at once seal every event once."""
    threads = [threading.Thread(target=_seal) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return AuditLeaf.objects.count() == AuditEvent.objects.count()


def killed_sealer(stage: Stage) -> bool:
    """What a sealer wrote before it died is gone with it, and the next one seals."""
    record_read(Tag.EVENT_OPENED, actor=ACTOR, subject=stage.owners[1], note={"drill": "killed"})
    leaves = AuditLeaf.objects.count()
    with transaction.atomic():
        run("INSERT INTO audit_leaf (id, event_id, hash) SELECT %s, MAX(id), MAX(mac_key) FROM audit_event"
            if connection.vendor == "sqlite" else
            "INSERT INTO audit_leaf (id, event_id, hash) SELECT %s, MAX(id), MAX(mac_key)::bytea FROM audit_event", leaves)  # fmt: skip
        transaction.set_rollback(True)
    return log_seal(actor=ACTOR).size == leaves + 1


def _seal() -> None:
    try:
        log_seal(actor=ACTOR)
    finally:
        connection.close()


SURVIVED: dict[str, Callable[[Stage], bool]] = {
    "an event that cannot be written": failing_insert,
    "a look inside what is undone": rolled_back_look,
    "three sealers at once": three_sealers,
    "a sealer that dies": killed_sealer,
}
