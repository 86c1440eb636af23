"""What a superuser does to the log with its locks off. Whatever it is, verification must find it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.utils import timezone

from apps.audit import heads, mac, notes
from apps.audit.canonical import JSON, canonical, digest, moment
from apps.audit.drill.staging import Stage
from apps.audit.heads import Head
from apps.audit.models import AuditEvent, AuditHead, AuditSigningKey
from apps.audit.tags import Tag
from apps.audit.tree.frontier import Frontier
from apps.audit.tree.hashing import leaf_hash

Tampering = Callable[[Stage], None]
SPARE = 1 << 50  # number of no event


def run(statement: str, *values: Any) -> None:
    """Execute SQL past the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _edited(event: int) -> str:
    body = json.loads(AuditEvent.objects.values_list("body", flat=True).get(pk=event))
    return canonical({**body, "address": "192.0.2.1"})


def edit(stage: Stage) -> None:
    """Edit a sealed body."""
    run("UPDATE audit_event SET body = %s WHERE id = %s", _edited(stage.first[0]), stage.first[0])


def edit_and_hash_again(stage: Stage) -> None:
    """Edit a sealed body, and make code and leaf fit it under a key of one's own."""
    event = stage.first[0]
    text = _edited(event)
    run("UPDATE audit_event SET body = %s, mac = %s WHERE id = %s", text, mac.code(b"k" * 32, text), event)
    run("UPDATE audit_leaf SET hash = %s WHERE event_id = %s", leaf_hash(text.encode()), event)


def edit_tail(stage: Stage) -> None:
    """Edit a body that is not sealed yet."""
    run("UPDATE audit_event SET body = %s WHERE id = %s", _edited(stage.tail[0]), stage.tail[0])


def _delete(events: Sequence[int]) -> None:
    for event in events:
        run("DELETE FROM audit_touch WHERE event_id = %s", event)
        run("DELETE FROM audit_leaf WHERE event_id = %s", event)
        run("DELETE FROM audit_event WHERE id = %s", event)


def delete_middle(stage: Stage) -> None:
    """Delete a sealed event with its leaf and all traces in the database."""
    _delete(stage.second[:1])


def delete_tail(stage: Stage) -> None:
    """Delete the events that are not sealed yet."""
    _delete(stage.tail)


def delete_newest(stage: Stage) -> None:
    """Delete the newest of the tail, after which nothing comes."""
    _delete(stage.tail[-1:])


def reorder(stage: Stage) -> None:
    """Let two events change places, codes and all."""
    one, other = stage.second[0], stage.second[1]
    for old, new in ((one, SPARE), (other, one), (SPARE, other)):
        run("UPDATE audit_event SET id = %s WHERE id = %s", new, old)


def renumber(stage: Stage) -> None:
    """Give an event another number, in its leaf and touches too."""
    event = stage.tail[-1]
    run("UPDATE audit_event SET id = %s WHERE id = %s", SPARE, event)
    run("UPDATE audit_touch SET event_id = %s WHERE event_id = %s", SPARE, event)


def forge(stage: Stage) -> None:
    """Insert an event that never was, with a code of one's own."""
    text = canonical({"v": 1, "at": "2026-01-01T00:00:00.000000Z", "action": "audit.verified", "outcome": "done"})
    key = AuditEvent.objects.values_list("mac_key", flat=True).get(pk=stage.tail[0])
    insert = "INSERT INTO audit_event (id, txid, body, mac_key, mac) VALUES (%s, 0, %s, %s, %s)"
    run(insert, SPARE, text, key, secrets.token_hex(32))


def copy(stage: Stage) -> None:
    """Insert an event a second time: its code fits."""
    run("INSERT INTO audit_event (id, txid, body, mac_key, mac) SELECT %s, txid, body, mac_key, mac FROM audit_event"
        " WHERE id = %s", SPARE, stage.first[0])  # fmt: skip


def rebuild(stage: Stage) -> None:
    """Edit an event, then build the whole tree again and sign it with a key of one's own."""
    edit_and_hash_again(stage)
    newest = AuditHead.objects.order_by("-pk")[0]
    private, origin = Ed25519PrivateKey.generate(), AuditSigningKey.objects.order_by("pk")[0].origin
    edge, numbers = Frontier(), heads.NO_NUMBERS
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id, hash FROM audit_leaf ORDER BY id")
        for event, leaf in cursor.fetchall():
            edge.append(bytes(leaf))
            numbers = heads.numbered(numbers, event)
    text = Head(origin, edge.size, edge.root(), bytes(newest.map_root), numbers, timezone.now()).text()
    note = notes.written(text, [notes.signature_line(text, origin, private)])
    run("DELETE FROM audit_head WHERE id <> %s", newest.pk)
    run(
        "UPDATE audit_head SET note = %s, root = %s, numbers = %s, frontier = %s",
        note,
        edge.root(),
        numbers,
        edge.packed(),
    )
    run("UPDATE audit_signing_key SET public = %s", notes.public_of(private))


def roll_back(stage: Stage) -> None:
    """Put the whole log back to an older head that was really signed."""
    for event in (*stage.second, *stage.tail):
        run("DELETE FROM audit_touch WHERE event_id = %s", event)
        run("DELETE FROM audit_event WHERE id = %s", event)
    run("DELETE FROM audit_leaf WHERE id >= %s", stage.size)
    run("DELETE FROM audit_head WHERE id > %s", stage.size)
    for row in stage.objects:
        run("UPDATE audit_object SET n = %s, leaf = %s WHERE object = %s", *row)
    for row in stage.nodes:
        run("UPDATE audit_object_node SET hash = %s, entries = %s WHERE id = %s", *row)


def hide_object(stage: Stage) -> None:
    """Take one event off an object's count."""
    run("UPDATE audit_object SET n = n - 1 WHERE object = %s", f"vault_keyowner:{stage.owners[0].pk}")


def foreign_key(stage: Stage) -> None:
    """Put another signing key in the place of ours."""
    run("UPDATE audit_signing_key SET public = %s", notes.public_of(Ed25519PrivateKey.generate()))


def _retired(stage: Stage, event: int) -> None:
    """Take the first batch's bodies out behind a row that names an event as the one that tells of it."""
    start, stop = stage.size - len(stage.first), stage.size
    run("INSERT INTO audit_retired (id, stop, event) VALUES (%s, %s, %s)", start, stop, event)
    for number in stage.first:
        body = AuditEvent.objects.values_list("body", flat=True).get(pk=number)
        run("INSERT INTO audit_stub (id, stretch, digest, images) VALUES (%s, %s, %s, '')", number, start, digest(body))
        run("DELETE FROM audit_event WHERE id = %s", number)


def retire_alone(stage: Stage) -> None:
    """Let events retire that no signed event tells of."""
    _retired(stage, stage.tail[0])


def retire_forged(stage: Stage) -> None:
    """Let events retire behind an event of one's own making, which says that two people agreed."""
    note: dict[str, JSON] = {
        "from": stage.size - len(stage.first),
        "to": stage.size,
        "asked": 1,
        "agreed": 2,
        "events": 2,
        "people": [],
    }
    text = canonical(
        {"v": 1, "at": moment(timezone.now()), "action": str(Tag.STRETCH_RETIRED), "outcome": "done", "note": note}
    )
    key = AuditEvent.objects.values_list("mac_key", flat=True).get(pk=stage.tail[0])
    insert = "INSERT INTO audit_event (id, txid, body, mac_key, mac) VALUES (%s, 0, %s, %s, %s)"
    run(insert, SPARE, text, key, secrets.token_hex(32))
    _retired(stage, SPARE)


def business_row(stage: Stage) -> None:
    """Edit a row of the business behind the log's back."""
    run("UPDATE vault_keyowner SET label = 'drill 9' WHERE id = %s", stage.owners[0].pk)


TAMPERINGS: dict[str, Tampering] = {
    "edit a body": edit,
    "edit a body and hash again": edit_and_hash_again,
    "edit an unsealed body": edit_tail,
    "delete from the middle": delete_middle,
    "delete the tail": delete_tail,
    "delete the newest event": delete_newest,
    "reorder": reorder,
    "renumber": renumber,
    "insert a forged event": forge,
    "insert an event twice": copy,
    "rebuild the tree with an own key": rebuild,
    "put another signing key in place": foreign_key,
    "roll back to an older head": roll_back,
    "take an event off an object": hide_object,
    "retire events without a signed event": retire_alone,
    "retire events behind a forged event": retire_forged,
    "edit a business row": business_row,
}
