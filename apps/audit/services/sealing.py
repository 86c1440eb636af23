"""The sealer: takes what has been committed into the tree, in batches, and signs the new head.

A batch is one transaction: leaves, stored subtrees, map and head are there together or not at all, so a sealer that is
killed leaves nothing to mend. Any number may run: a lock lets one at a time, and the others find nothing left to do. Events
whose code does not fit are never vouched for: they stay outside, and are said so.
"""

from __future__ import annotations

import dataclasses
import json
import logging

from django.db import connection, transaction
from django.utils import timezone

from apps.audit import heads, hosttime, notes
from apps.audit.codes import fits
from apps.audit.heads import Head
from apps.audit.models import AuditHead, AuditSigningKey
from apps.audit.pins import pin_head
from apps.audit.seals import objects, store
from apps.audit.seals.due import Due, Window, due_in, horizon_after, lock, window_after
from apps.audit.seals.standing import Standing, standing
from apps.audit.services.signing import signing_key_ensure
from apps.audit.signing import newest_key, private_key
from apps.audit.tree.frontier import Frontier, Node
from apps.audit.tree.hashing import leaf_hash
from apps.core.actor import Actor

logger = logging.getLogger(__name__)

BATCH = 10_000


@dataclasses.dataclass(slots=True)
class Sealed:
    """What a round did: size of the tree, how many events came in, and the numbers of those that were refused."""

    size: int = 0
    added: int = 0
    refused: list[int] = dataclasses.field(default_factory=list)


def log_seal(*, actor: Actor, batch: int = BATCH) -> Sealed:
    """Seal all that is due now; raises ``SealBroken`` or ``MapChanged`` where what was sealed before has been changed.

    Raises ``KeysUnavailable`` while the key service is away; then nothing is sealed.
    """
    done, window, floor = Sealed(), None, 0
    if newest_key() is None:
        signing_key_ensure(actor=actor)
    while True:
        with transaction.atomic(durable=True):
            lock()
            now = standing(list(AuditSigningKey.objects.order_by("pk")))
            window = window or window_after(now.row)
            due = due_in(window, floor=floor, limit=batch)
            done.size = _seal(now, window, due, done, is_last=len(due) < batch)
        if len(due) < batch:
            _pin(done)
            return done
        floor = due[-1].id


def _pin(done: Sealed) -> None:
    newest = AuditHead.objects.filter(pk=done.size).first() if done.added else None
    if newest is not None:
        pin_head(newest)


def _seal(now: Standing, window: Window, due: list[Due], done: Sealed, *, is_last: bool) -> int:
    sound = [one for one in due if fits(one.mac_key, one.body, one.mac)]
    if len(sound) < len(due):
        refused = sorted({one.id for one in due} - {one.id for one in sound})
        done.refused += refused
        logger.error("events are not sealed, their codes do not fit: %s", refused[:10])
    if not sound:
        return now.head.size
    grown = _grown(now, sound)
    store.save(grown.leaves, grown.nodes)
    map_root = objects.update(grown.changes, now.head.map_root)
    head = Head(
        now.head.origin, grown.edge.size, grown.edge.root(), map_root, grown.numbers, timezone.now(), _clock_offset()
    )
    horizon, cluster = _goes_on(now, window, is_last=is_last)
    AuditHead.objects.create(
        pk=head.size, note=_signed(now, head), root=head.root, map_root=map_root, numbers=head.numbers,
        frontier=grown.edge.packed(), horizon=horizon, cluster=cluster,
    )  # fmt: skip
    done.added += len(sound)
    return head.size


@dataclasses.dataclass(slots=True)
class _Grown:
    edge: Frontier
    numbers: bytes
    leaves: list[store.Leaf] = dataclasses.field(default_factory=list)
    nodes: list[Node] = dataclasses.field(default_factory=list)
    changes: dict[str, objects.Change] = dataclasses.field(default_factory=dict)


def _grown(now: Standing, due: list[Due]) -> _Grown:
    grown = _Grown(now.edge, now.head.numbers)
    for one in due:
        leaf = leaf_hash(one.body.encode())
        grown.leaves.append((grown.edge.size, one.id, leaf))
        grown.nodes += grown.edge.append(leaf)
        grown.numbers = heads.numbered(grown.numbers, one.id)
        for touch in json.loads(one.body).get("touched", ()):
            if touch["n"] > grown.changes.get(touch["object"], (0, b""))[0]:
                grown.changes[touch["object"]] = (touch["n"], leaf)
    return grown


def _goes_on(now: Standing, window: Window, *, is_last: bool) -> tuple[int, str]:
    """Horizon and cluster move on with the last batch of a window: what is left of it must be found again."""
    if is_last:
        return horizon_after(now.row, window)
    return (now.row.horizon, now.row.cluster) if now.row is not None else (0, window.cluster)


def _signed(now: Standing, head: Head) -> str:
    """Sign with the key of now, and after a rotation once more with the one of before."""
    keys = list(AuditSigningKey.objects.order_by("pk"))
    chosen = [keys[-1]]
    if now.signers and keys[-1].pk not in now.signers:
        chosen += [key for key in keys if key.pk == max(now.signers)]
    text = head.text()
    return notes.written(text, [notes.signature_line(text, key.origin, private_key(key)) for key in chosen])


def _clock_offset() -> int | None:
    offset = hosttime.clock_offset()
    if hosttime.is_alarming(offset):
        logger.error("the clock of this host is off by %s seconds", heads.seconds_text(offset))
    return offset


def has_due() -> bool:
    """Tell, without a transaction, whether a round here might seal: SQLite has one writer, and it must not be held up for
    nothing; on PostgreSQL the question is whether this role may."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # where the sealer has a role of its own, nobody else seals
            cursor.execute("SELECT has_table_privilege('audit_leaf', 'INSERT')")
            return bool(cursor.fetchone()[0])
        cursor.execute(
            "SELECT COALESCE((SELECT MAX(id) FROM audit_event), 0) > COALESCE((SELECT MAX(event_id) FROM audit_leaf), 0)"
        )
        return bool(cursor.fetchone()[0])
