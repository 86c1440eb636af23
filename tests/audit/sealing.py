"""What tests of sealed logs share: seal, and look at the tree as a verifier with nothing but bodies and notes would."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from apps.audit import heads, notes
from apps.audit.heads import Head
from apps.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditSigningKey
from apps.audit.services.sealing import Sealed, log_seal
from apps.audit.services.signing import sealer_actor
from apps.audit.signing import verifier_key
from apps.audit.tree.frontier import Frontier
from apps.audit.tree.hashing import leaf_hash
from apps.audit.tree.objects import Entry, key_of, part_of
from apps.audit.verify import Report


def seal(**options: Any) -> Sealed:
    """Seal what is due."""
    return log_seal(actor=sealer_actor("test"), **options)


def seal_all(patience: float = 20) -> None:
    """Seal until nothing is left: what ends elsewhere at this very moment may keep a sealing waiting once."""
    last = time.monotonic() + patience
    seal()
    while unsealed():
        assert time.monotonic() < last, "something holds sealing up"
        time.sleep(0.05)
        seal()


def newest_head() -> AuditHead:
    """The newest head's row."""
    return AuditHead.objects.order_by("-pk")[0]


def assert_sealed_well() -> int:
    """Recompute everything a head says from the events in the order of the leaves; returns how many are sealed."""
    bodies = dict(AuditEvent.objects.values_list("pk", "body"))
    leaves = list(AuditLeaf.objects.order_by("pk").values_list("pk", "event_id", "hash"))
    assert [number for number, _event, _hash in leaves] == list(range(len(leaves)))
    keys = [verifier_key(row) for row in AuditSigningKey.objects.all()]
    rows = {row.pk: row for row in AuditHead.objects.all()}
    edge, numbers, objects, seen = Frontier(), heads.NO_NUMBERS, {}, set()
    for _number, event, stored in leaves:
        leaf = leaf_hash(bodies[event].encode())
        assert leaf == bytes(stored)
        edge.append(leaf)
        numbers = heads.numbered(numbers, event)
        for touch in AuditEvent(body=bodies[event]).data.get("touched", ()):
            assert touch["n"] == objects.get(touch["object"], (0,))[0] + 1, "an object's events are sealed in order"
            objects[touch["object"]] = (touch["n"], leaf)
        if edge.size in rows:
            note = notes.parse(rows[edge.size].note)
            head = Head.parsed(note.text)
            assert any(note.signed_by(key) for key in keys)
            entries = sorted(Entry(key_of(name), *value) for name, value in objects.items())
            assert (head.size, head.root, head.numbers) == (edge.size, edge.root(), numbers)
            assert head.map_root == part_of(entries).hash
            seen.add(edge.size)
    assert seen == rows.keys()
    assert max(seen, default=0) == len(leaves)
    return len(leaves)


def unsealed() -> list[int]:
    """Numbers of events without a leaf."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_leaf) ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def summary(report: Report):
    """What one process and several must agree on; how many faults follow from the first depends on what each remembers."""
    return (
        report.intact,
        report.first_bad and report.first_bad.event,
        report.checked,
        report.unsealed,
        report.crash_count,
    )
