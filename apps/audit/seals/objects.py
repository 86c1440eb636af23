"""The map of objects in its tables: entries in 65,536 slots by the first two bytes of their key, subtrees above them.

A sealing reads the slots that it changes and the subtrees beside them, and first makes sure that what it has read is what
the last head signed: it never signs on top of a map that somebody has changed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection

from apps.audit.tree.objects import (
    NOTHING,
    Entry,
    Part,
    Proof,
    folded,
    key_of,
    part_of,
    siblings_of,
    steps_among,
    steps_over,
)

TOP, DEPTH, BYTES, SLOTS = 8, 16, 1 << 8, 1 << 16
Change = tuple[int, bytes]
"""An object's number of events and the leaf hash of the last."""

CHOSEN = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}
ENTRIES = "SELECT slot, key, n, leaf FROM audit_object WHERE slot {} ORDER BY key"
PARTS = "SELECT id, hash, entries FROM audit_object_node WHERE id {}"
BELOW = "SELECT key, n, leaf FROM audit_object WHERE slot >= %s AND slot < %s LIMIT 1"
PUT_ENTRY = """
INSERT INTO audit_object (object, key, slot, n, leaf) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (object) DO UPDATE SET n = excluded.n, leaf = excluded.leaf
"""
PUT_PART = """
INSERT INTO audit_object_node (id, hash, entries) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, entries = excluded.entries
"""


class MapChanged(Exception):
    """The map in the database is not the one that the last head signed."""


def slot_of(key: bytes) -> int:
    """Slot of an entry."""
    return int.from_bytes(key[:2])


def update(changes: Mapping[str, Change], root: bytes) -> bytes:
    """Bring the map on and return its new root; raises ``MapChanged`` where it does not have ``root`` before."""
    if not changes:
        return root
    keys = {name: key_of(name) for name in changes}
    slots = _entries({slot_of(key) for key in keys.values()})
    parts = _parts({slot >> TOP for slot in slots})
    _refuse_changed(slots, parts, root)
    rows = []
    for name, (count, leaf) in changes.items():
        key = keys[name]
        held = slots[slot_of(key)]
        if key not in held or held[key].events < count:
            held[key] = Entry(key, count, leaf)
            rows.append((name, key, slot_of(key), count, leaf))
    fresh = _recomputed(slots, parts)
    with connection.cursor() as cursor:
        cursor.executemany(PUT_ENTRY, rows)
        cursor.executemany(PUT_PART, [(number, *part) for number, part in fresh.items()])
    return folded([parts[BYTES + at] for at in range(BYTES)]).hash


def proof_of(name: str) -> Proof:
    """Prove how many events an object has, or that it has none, under the newest head's map root."""
    key = key_of(name)
    slot = slot_of(key)
    entries, parts = sorted(_entries({slot})[slot].values()), _parts({slot >> TOP})
    top = [parts[BYTES + at] for at in range(BYTES)]
    middle = [parts[SLOTS + (slot >> TOP << TOP) + at] for at in range(BYTES)]
    steps = steps_over(top, slot >> TOP) + steps_over(middle, slot % BYTES) + steps_among(entries, key, DEPTH)
    siblings, remaining = siblings_of(folded(top), steps)
    return Proof(siblings, _alone(key, len(siblings), entries) if remaining else None)


def _alone(key: bytes, depth: int, entries: list[Entry]) -> Entry:
    """The one entry below a place at most sixteen bits deep, which may be another slot's; deeper ones are at hand."""
    if depth > DEPTH:
        return next(entry for entry in entries if _prefix(entry.key, depth) == _prefix(key, depth))
    width = 1 << DEPTH - depth
    start = slot_of(key) // width * width
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [start, start + width])
        found, count, leaf = cursor.fetchone()
    return Entry(bytes(found), count, bytes(leaf))


def _prefix(key: bytes, bits: int) -> int:
    return int.from_bytes(key) >> 8 * len(key) - bits


def _recomputed(slots: Mapping[int, dict[bytes, Entry]], parts: defaultdict[int, Part]) -> dict[int, Part]:
    fresh = {SLOTS + slot: part_of(sorted(held.values()), DEPTH) for slot, held in slots.items()}
    parts.update(fresh)
    for byte in {slot >> TOP for slot in slots}:
        parts[BYTES + byte] = fresh[BYTES + byte] = _middle(parts, byte)
    return fresh


def _refuse_changed(slots: Mapping[int, dict[bytes, Entry]], parts: defaultdict[int, Part], root: bytes) -> None:
    sound = folded([parts[BYTES + at] for at in range(BYTES)]).hash == root
    sound = sound and all(_middle(parts, byte) == parts[BYTES + byte] for byte in {slot >> TOP for slot in slots})
    sound = sound and all(part_of(sorted(held.values()), DEPTH) == parts[SLOTS + slot] for slot, held in slots.items())
    if not sound:
        raise MapChanged("the map of objects is not the one that the last head has signed")


def _middle(parts: defaultdict[int, Part], byte: int) -> Part:
    return folded([parts[SLOTS + (byte << TOP) + at] for at in range(BYTES)])


def _entries(slots: Collection[int]) -> dict[int, dict[bytes, Entry]]:
    held: dict[int, dict[bytes, Entry]] = {slot: {} for slot in slots}
    for slot, key, count, leaf in _chosen(ENTRIES, slots):
        held[slot][bytes(key)] = Entry(bytes(key), count, bytes(leaf))
    return held


def _parts(bytes_read: Collection[int]) -> defaultdict[int, Part]:
    """Subtrees by number: those of depth 8, and those of depth 16 below the bytes given; a missing one is empty."""
    numbers = [*range(BYTES, 2 * BYTES), *(SLOTS + (byte << TOP) + at for byte in bytes_read for at in range(BYTES))]
    found: defaultdict[int, Part] = defaultdict(lambda: NOTHING)
    found.update({number: Part(bytes(value), entries) for number, value, entries in _chosen(PARTS, numbers)})
    return found


def _chosen(statement: str, numbers: Iterable[int]) -> list[Any]:
    chosen = sorted(numbers)
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(CHOSEN[connection.vendor]),
            [chosen if connection.vendor == "postgresql" else json.dumps(chosen)],
        )
        return list(cursor.fetchall())
