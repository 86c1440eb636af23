"""The map of objects against the log: every entry's last event, no event too few or too many, and the root that is signed.

Read as of one moment, as each sealing moves it on; a slice at a time, so that memory stays flat.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.models import AuditHead
from apps.audit.notes import BadNote
from apps.audit.seals.objects import BYTES, DEPTH, SLOTS, middles_of, slot_of, top_of
from apps.audit.tree.objects import NOTHING, Entry, Part, key_of, part_of
from apps.audit.verify.report import Report

AT_A_TIME = 4096
SLICE = """
SELECT o.object, o.slot, o.key, o.n, o.leaf, l.hash, l.event_id FROM audit_object o
LEFT JOIN audit_touch t ON t.object = o.object AND t.n = o.n LEFT JOIN audit_leaf l ON l.event_id = t.event_id
WHERE o.slot >= %s AND o.slot < %s ORDER BY o.key
"""
PARTS = "SELECT id, hash, entries FROM audit_object_node"
TOUCHES = "SELECT COUNT(*) FROM audit_touch t JOIN audit_leaf l ON l.event_id = t.event_id"


def check_map(report: Report) -> None:
    """Check the whole map under the newest head of the moment."""
    with _one_moment():
        head = AuditHead.objects.order_by("-pk").first()
        parts: dict[int, Part] = {}
        width = _width()
        counted = sum(_checked_slice(report, start, width, parts) for start in range(0, SLOTS, width))
        parts.update(middles_of(parts, range(BYTES)))
        _check_parts(report, parts)
        with connection.cursor() as cursor:
            cursor.execute(TOUCHES)
            touches = cursor.fetchone()[0]
    if counted != touches:
        report.fault(0, "map", f"the map counts {counted} events of objects, the sealed log holds {touches}")
    root = _signed_root(head)
    if root is not None and top_of(parts).hash != root:
        report.fault(0, "map", "the map of objects is not the one that the newest head has signed")


def _width() -> int:
    """How many slots to read at a time: all of a small map, and a few thousand objects of a large one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM audit_object")
        count = int(cursor.fetchone()[0])
    return max(1, min(SLOTS, SLOTS * AT_A_TIME // (count + 1)))


def _checked_slice(report: Report, start: int, width: int, parts: dict[int, Part]) -> int:
    slots: defaultdict[int, list[Entry]] = defaultdict(list)
    counted = 0
    for name, slot, key, count, leaf, sealed, event in _slice(start, width):
        counted += count
        if key != key_of(name) or slot != slot_of(key):  # then the root is another, too
            report.fault(0, "map", f"the map has {name} in a place that is not its own")
            continue
        slots[slot].append(Entry(key, count, leaf))
        if sealed != leaf:
            report.fault(
                event or 0, "map", f"the map says that {name} has {count} events, the last of which is not there"
            )
    for slot, entries in slots.items():
        parts[SLOTS + slot] = part_of(entries, DEPTH)
    return counted


def _slice(start: int, width: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(SLICE, [start, start + width])
        return list(cursor.fetchall())


def _check_parts(report: Report, parts: Mapping[int, Part]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PARTS)
        stored = {number: Part(bytes(value), entries) for number, value, entries in cursor.fetchall()}
    if any(parts.get(number, NOTHING) != stored.get(number, NOTHING) for number in {*parts, *stored}):
        report.fault(0, "map", "a stored subtree of the map is missing or is not that of its entries")


def _signed_root(head: AuditHead | None) -> bytes | None:
    """The root that a head signs; one that cannot be read is reported elsewhere."""
    if head is None:
        return NOTHING.hash
    try:
        return Head.parsed(notes.parse(head.note).text).map_root
    except BadNote:
        return None


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as of one moment, without keeping writers out."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("COMMIT")
