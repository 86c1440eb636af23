"""Leaves and subtrees in their tables. A proof reads at most 256 hashes a stored level: three levels for 16 million events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from apps.audit.tree.frontier import STEP, Node
from apps.audit.tree.hashing import HASH_BYTES, level_up

WIDTH = 1 << STEP
LEVEL_SHIFT = 56
Leaf = tuple[int, int, bytes]
"""Number of a leaf, number of its event, leaf hash."""

SAVE_LEAVES = {
    "postgresql": "INSERT INTO audit_leaf (id, event_id, hash)"
    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])",
    "sqlite": "INSERT INTO audit_leaf (id, event_id, hash) VALUES (%s, %s, %s)",
}
SAVE_NODES = {
    "postgresql": "INSERT INTO audit_node (id, hash) SELECT * FROM unnest(%s::bigint[], %s::bytea[])",
    "sqlite": "INSERT INTO audit_node (id, hash) VALUES (%s, %s)",
}
ROW = {
    "postgresql": "SELECT array_agg(id ORDER BY id), string_agg(hash, ''::bytea ORDER BY id) FROM {}"
    " WHERE id >= %s AND id < %s",
    "sqlite": "SELECT id, hash FROM {} WHERE id >= %s AND id < %s ORDER BY id",
}


class MissingSubtree(LookupError):
    """A leaf or subtree that the tree needs is not in its table."""


def node_id(level: int, index: int) -> int:
    """Number under which a subtree is stored."""
    return level << LEVEL_SHIFT | index


def save(leaves: Sequence[Leaf], nodes: Iterable[Node]) -> None:
    """Store new leaves and the subtrees that they complete."""
    _insert(SAVE_LEAVES, leaves)
    _insert(SAVE_NODES, [(node_id(node.level, node.index), node.hash) for node in nodes])


def _insert(statements: dict[str, str], rows: Sequence[tuple[int | bytes, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(statements["postgresql"], [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(statements["sqlite"], rows)


class StoredTree:
    """Gives the roots of complete subtrees out of the tables; remembers the rows it has read."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], dict[int, bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Root of complete subtree number ``index`` of a level; raises ``MissingSubtree``."""
        above = level % STEP
        base, start = level - above, index << above
        held = self._row(base, start // WIDTH)
        try:
            row = [held[at] for at in range(start, start + (1 << above))]
        except KeyError as missing:
            raise MissingSubtree(f"subtree {missing} of level {base} is not stored") from None
        while len(row) > 1:
            row = level_up(row)
        return row[0]

    def _row(self, level: int, block: int) -> dict[int, bytes]:
        known = self._rows.get((level, block))
        if known is None:
            known = self._rows[level, block] = _read(level, block * WIDTH)
        return known


def _read(level: int, start: int) -> dict[int, bytes]:
    """A row of hashes by place; PostgreSQL hands it over as one value, at a third of the time of 256 rows."""
    shift = node_id(level, 0)
    table = "audit_node" if level else "audit_leaf"
    with connection.cursor() as cursor:
        cursor.execute(ROW[connection.vendor].format(table), [shift + start, shift + start + WIDTH])
        if connection.vendor != "postgresql":
            return {number - shift: bytes(value) for number, value in cursor.fetchall()}
        places, packed = cursor.fetchone()
    hashes = bytes(packed or b"")
    return {place - shift: hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at, place in enumerate(places or ())}
