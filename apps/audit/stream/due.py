"""What is to be sent next: leaves of the tree in their order, each with its event as it stands now."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.db import connection

from apps.audit.tree.hashing import leaf_hash

BATCH = 500
NEXT = """
SELECT l.id, l.event_id, l.hash, e.body, s.id FROM audit_leaf l LEFT JOIN audit_event e ON e.id = l.event_id
LEFT JOIN audit_stub s ON s.id = l.event_id WHERE l.id >= %s ORDER BY l.id LIMIT %s
"""
FITS, ALTERED, MISSING, RETIRED = "fits", "altered", "missing", "retired"


class Sent(NamedTuple):
    """A sealed event: the number of its leaf and its own, its leaf hash in hex, what it says, and whether it still fits.

    ``state`` is ``altered`` where the body is not the sealed one, ``missing`` where the event is gone: a watch outside
    the house hears of both without asking.
    """

    leaf: int
    event: int
    hash: str
    body: dict[str, Any]
    state: str


def due_from(leaf: int, limit: int = BATCH) -> list[Sent]:
    """Return the leaves from a number on, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [leaf, limit])
        rows = cursor.fetchall()
    return [_sent(number, event, bytes(digest), body, stub) for number, event, digest, body, stub in rows]


def _sent(leaf: int, event: int, digest: bytes, body: str | None, stub: int | None) -> Sent:
    if body is None:
        return Sent(leaf, event, digest.hex(), {}, RETIRED if stub else MISSING)
    if leaf_hash(body.encode()) != digest:  # nothing of it is believed, nor sent on
        return Sent(leaf, event, digest.hex(), {}, ALTERED)
    return Sent(leaf, event, digest.hex(), json.loads(body), FITS)
