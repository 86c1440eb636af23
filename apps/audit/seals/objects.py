"""The map of objects in its tables: entries in 65,536 slots by the first two bytes of their key, subtrees above them.

A sealing reads the slots that it changes and the subtrees beside them, and first makes sure that what it has read is what
the last head signed: it never signs on top of a map that somebody has changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
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
LISTED = {"postgresql": "unnest(%s) AS bytes (value)", "sqlite": "json_each(%s) AS bytes"}
TOPMOST = "SELECT id, hash, entries FROM audit_object_node WHERE id < 512"
PARTS = """
SELECT n.id, n.hash, n.entries FROM {} JOIN audit_object_node n
ON n.id >= 65536 + bytes.value * 256 AND n.id < 65792 + bytes.value * 256
"""
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
    return top_of(parts).hash


def proof_of(name: str) -> Proof:
    """Prove how many events an object has, or that it has none, under the newest head's map root."""
    key = key_of(name)
    slot = slot_of(key)
    entries, parts = sorted(_entries({slot})[slot].values()), _parts({slot >> TOP})
    top = [parts.get(BYTES + at, NOTHING) for at in range(BYTES)]
    middle = [parts.get(SLOTS + (slot >> TOP << TOP) + at, NOTHING) for at in range(BYTES)]
    steps = steps_over(top, slot >> TOP) + steps_over(middle, slot % BYTES) + steps_among(entries, key, DEPTH)
    siblings, remaining = siblings_of(top_of(parts), steps)
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


def top_of(parts: Mapping[int, Part]) -> Part:
    """The whole map above its subtrees of depth 8."""
    return folded({at: parts[BYTES + at] for at in range(BYTES) if BYTES + at in parts}, TOP)


def middles_of(parts: Mapping[int, Part], chosen: Collection[int]) -> dict[int, Part]:
    """The subtrees of depth 8 of the bytes given, by number, above those of depth 16."""
    rows: dict[int, dict[int, Part]] = {byte: {} for byte in chosen}
    for number, part in parts.items():
        if number >= SLOTS and (byte := number - SLOTS >> TOP) in rows:
            rows[byte][number % BYTES] = part
    return {BYTES + byte: folded(row, TOP) for byte, row in rows.items()}


def _recomputed(slots: Mapping[int, dict[bytes, Entry]], parts: dict[int, Part]) -> dict[int, Part]:
    fresh = {SLOTS + slot: part_of(sorted(held.values()), DEPTH) for slot, held in slots.items()}
    parts.update(fresh)
    middles = middles_of(parts, {slot >> TOP for slot in slots})
    parts.update(middles)
    return fresh | middles


def _refuse_changed(slots: Mapping[int, dict[bytes, Entry]], parts: Mapping[int, Part], root: bytes) -> None:
    wanted = middles_of(parts, {slot >> TOP for slot in slots})
    wanted |= {SLOTS + slot: part_of(sorted(held.values()), DEPTH) for slot, held in slots.items()}
    if top_of(parts).hash != root or any(parts.get(number, NOTHING) != part for number, part in wanted.items()):
        raise MapChanged("the map of objects is not the one that the last head has signed")


def _entries(slots: Collection[int]) -> dict[int, dict[bytes, Entry]]:
    held: dict[int, dict[bytes, Entry]] = {slot: {} for slot in slots}
    for slot, key, count, leaf in _chosen(ENTRIES, slots):
        held[slot][bytes(key)] = Entry(bytes(key), count, bytes(leaf))
    return held


def _parts(chosen: Collection[int]) -> dict[int, Part]:
    """Subtrees by number: those of depth 8, and those of depth 16 below the bytes given; one not stored is empty."""
    with connection.cursor() as cursor:
        cursor.execute(TOPMOST)
        rows = list(cursor.fetchall())
        cursor.execute(PARTS.format(LISTED[connection.vendor]), [_listed(chosen)])
        rows += cursor.fetchall()
    return {number: Part(bytes(value), entries) for number, value, entries in rows}


def _chosen(statement: str, numbers: Collection[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(CHOSEN[connection.vendor]), [_listed(numbers)])
        return list(cursor.fetchall())


def _listed(numbers: Collection[int]) -> list[int] | str:
    """A list as this database takes it in one parameter."""
    return sorted(numbers) if connection.vendor == "postgresql" else json.dumps(sorted(numbers))
