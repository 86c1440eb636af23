"""The map of objects against the log: every entry's last event, no event too few or too many, and the root that is signed.

Read as of one moment, as each sealing moves it on; in the order of its keys, so that memory stays flat.
"""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.models import AuditHead
from apps.audit.notes import BadNote
from apps.audit.seals.objects import BYTES, DEPTH, SLOTS, middles_of, slot_of, top_of
from apps.audit.tree.objects import NOTHING, Part, entry_hash, key_of, part_over
from apps.audit.verify.report import Report

AT_A_TIME = 4096
ENTRIES = """
SELECT o.slot, o.object, o.key, o.n, o.leaf, l.hash, l.event_id FROM audit_object o
LEFT JOIN audit_touch t ON t.object = o.object AND t.n = o.n LEFT JOIN audit_leaf l ON l.event_id = t.event_id
ORDER BY +o.slot, o.key
"""
"""The sign keeps SQLite from reading by the index of slots, where each look-up lies elsewhere: sorted at the end it takes a quarter."""
PARTS = "SELECT id, hash, entries FROM audit_object_node"
TOUCHES = "SELECT COUNT(*) FROM audit_touch t JOIN audit_leaf l ON l.event_id = t.event_id"


def check_map(report: Report) -> None:
    """Check the whole map under the newest head of the moment."""
    with _one_moment():
        head = AuditHead.objects.order_by("-pk").first()
        parts: dict[int, Part] = {}
        counted = _checked_entries(report, parts)
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


def _checked_entries(report: Report, parts: dict[int, Part]) -> int:
    """Check every entry and note the subtree of each slot; returns how many events the entries count."""
    counted = 0
    for number, rows in itertools.groupby(_entries(), key=operator.itemgetter(0)):
        keys, hashes = [], []
        for _slot, name, key, count, leaf, sealed, event in rows:
            counted += count
            if key != key_of(name) or number != slot_of(key):  # then the root is another, too
                report.fault(0, "map", f"the map has {name} in a place that is not its own")
                continue
            keys.append(int.from_bytes(key))
            hashes.append(entry_hash(key, count, leaf))
            if sealed != leaf:
                report.fault(
                    event or 0, "map", f"the map says that {name} has {count} events, the last of which is not there"
                )
        parts[SLOTS + number] = part_over(keys, hashes, DEPTH)
    return counted


def _entries() -> Iterator[Any]:
    """All entries in the order of their keys; joined as a whole, which is quicker than by parts, and handed over in parts."""
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
    with connection.chunked_cursor() if is_postgresql else connection.cursor() as cursor:
        cursor.execute(ENTRIES)
        while rows := cursor.fetchmany(AT_A_TIME):
            yield from rows


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
