"""What is sealed: every event against its leaf, every leaf into the tree, every head's signature, root and numbers.

The newest head is read before any event, and leaves beyond it are left alone: what is sealed meanwhile disturbs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db import connection

from apps.audit import heads
from apps.audit.models import AuditHead, AuditNode, AuditSigningKey
from apps.audit.seals.due import window_after
from apps.audit.seals.standing import read
from apps.audit.seals.store import node_id
from apps.audit.tree.frontier import Frontier, Node
from apps.audit.tree.hashing import leaf_hash
from apps.audit.verify.report import Report

CHUNK = 10_000
SealedLeaf = tuple[int, int, bytes]
"""Number of a leaf, number of its event, leaf hash."""
OF_EVENTS = (
    "SELECT event_id, id, hash FROM audit_leaf WHERE event_id > %s AND event_id <= %s AND id < %s ORDER BY event_id"
)
IN_ORDER = "SELECT id, event_id, hash FROM audit_leaf WHERE id >= %s AND id < %s ORDER BY id LIMIT %s"
GONE = "SELECT event_id, id FROM audit_leaf WHERE event_id > %s AND id < %s ORDER BY event_id"
FIRST_ABOVE = "SELECT MIN(id) FROM audit_leaf WHERE event_id > %s"
BEYOND = "SELECT COUNT(*), MIN(event_id) FROM audit_leaf WHERE id >= (SELECT COALESCE(MAX(id), 0) FROM audit_head)"
SETTLED = {
    "postgresql": "SELECT id FROM audit_event WHERE id = ANY(%s) AND txid < %s ORDER BY id",
    "sqlite": "SELECT id FROM audit_event WHERE id IN (SELECT value FROM json_each(%s)) AND id < %s ORDER BY id",
}


def _none(_event: int) -> bool:
    return False


class Seals:
    """Checks events against their leaves as they come by, and the tree when they have all come."""

    def __init__(self, report: Report, since: int) -> None:
        self._report = report
        self.retired: Callable[[int], bool] = _none
        self._keys = list(AuditSigningKey.objects.order_by("pk"))
        self._last = AuditHead.objects.order_by("-pk").first()
        self._size = self._last.pk if self._last else 0
        self._start = self._start_above(since)
        self._signers: frozenset[int] = frozenset()
        report.size = self._size

    @property
    def last(self) -> AuditHead | None:
        """The newest head when the verification began."""
        return self._last

    def leaves(self, stretch: tuple[int, int], events: Collection[int]) -> dict[int, bytes]:
        """Return the leaf hashes of the events of a stretch; reports leaves of events that are not there."""
        found = {}
        with connection.cursor() as cursor:
            cursor.execute(OF_EVENTS, [*stretch, self._size])
            for event, number, value in cursor.fetchall():
                found[event] = value
                if event not in events and not self.retired(event):
                    self._report.fault(event, "deleted", f"event {event} is gone: it is sealed as leaf {number}")
        return found

    def check(self, event: int, body: str, leaf: bytes | None) -> None:
        """Compare an event with its leaf."""
        if leaf is None:
            self._report.unsealed += 1
        elif leaf_hash(str(body).encode()) != leaf:
            self._report.fault(event, "leaf", f"event {event} is not what was sealed")

    def check_left_out(self, events: list[int]) -> None:
        """Report those of some unsealed events that were due when the newest head was signed."""
        if not events or self._last is None:
            return
        if connection.vendor == "postgresql":
            horizon = 0 if window_after(self._last).restored else self._last.horizon
            given: tuple[Any, ...] = (events, horizon)
        else:
            given = (str(events), self._last_event())
        with connection.cursor() as cursor:
            cursor.execute(SETTLED[connection.vendor], given)
            for (event,) in cursor.fetchall():
                self._report.fault(event, "unsealed", f"event {event} is not in the tree, though it was due")

    def check_gone(self, last: int) -> None:
        """Report leaves of events beyond the last one."""
        with connection.cursor() as cursor:
            cursor.execute(GONE, [last, self._size])
            for event, number in cursor.fetchall():
                if not self.retired(event):
                    self._report.fault(event, "deleted", f"event {event} is gone: it is sealed as leaf {number}")

    def finish(self) -> None:
        """Grow the tree again from its leaves and hold every head against it."""
        edge, numbers = self._beginning()
        for row in AuditHead.objects.filter(pk__gt=edge.size, pk__lte=self._size).order_by("pk").iterator(CHUNK):
            events, edge, numbers = self._grown(edge, numbers, row)
            self._report.heads += 1
            problem, head, signers = read(row, self._keys)
            if problem or head is None:
                self._report.fault(0, "head", problem)
            elif (edge.root(), edge.size, numbers) != (head.root, head.size, head.numbers):
                self._fault_of_tree(row, events)
                edge, numbers = Frontier.unpacked(row.pk, bytes(row.frontier)), head.numbers
            self._check_handover(row, signers)
        self._check_beyond()

    def _fault_of_tree(self, row: AuditHead, events: list[int]) -> None:
        """Name the lowest event that is known to be wrong among those of a head, else the lowest of them all."""
        first, last = min(events, default=0), max(events, default=0)
        known = [
            fault.event
            for fault in self._report.faults
            if first <= fault.event and (fault.event <= last or fault.kind == "unsealed")
        ]
        words = f"the events sealed from event {first} to {last} are not those that the head of {row.pk} has signed"
        self._report.fault(min(known, default=first), "tree", words)

    def _check_handover(self, row: AuditHead, signers: frozenset[int]) -> None:
        if self._signers and signers and not self._signers & signers:
            self._report.fault(
                0, "head", f"the head of {row.pk} events is signed by a key that the one before does not hand over to"
            )
        self._signers = signers or self._signers

    def _check_beyond(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BEYOND)
            count, event = cursor.fetchone()
        if count:
            self._report.fault(
                event, "head", f"{count} events from event {event} on are sealed under a head that is gone"
            )

    def _grown(self, edge: Frontier, numbers: bytes, row: AuditHead) -> tuple[list[int], Frontier, bytes]:
        """Take in the leaves up to a head; returns the events too."""
        events = []
        for rows in _in_order(edge.size, row.pk):
            sound = _without_gap(rows, edge.size)
            self._check_nodes(edge.extend([value for _number, _event, value in sound]))
            numbers = heads.numbered_on(numbers, [event for _number, event, _value in sound])
            events += [event for _number, event, _value in rows]
        return events, edge, numbers

    def _check_nodes(self, nodes: list[Node]) -> None:
        wanted = {node_id(node.level, node.index): node.hash for node in nodes}
        stored = {row.pk: bytes(row.hash) for row in AuditNode.objects.filter(pk__in=wanted)} if wanted else {}
        if stored != wanted:
            self._report.fault(0, "node", "a stored subtree is missing or is not that of its leaves")

    def _beginning(self) -> tuple[Frontier, bytes]:
        if self._start is None:
            return Frontier(), heads.NO_NUMBERS
        problem, head, signers = read(self._start, self._keys)
        if problem or head is None:
            self._report.fault(0, "head", problem)
            return Frontier(), heads.NO_NUMBERS
        self._signers = signers
        return Frontier.unpacked(self._start.pk, bytes(self._start.frontier)), head.numbers

    def _start_above(self, since: int) -> AuditHead | None:
        """The head to begin from when only events above a number are asked for."""
        if not since:
            return None
        with connection.cursor() as cursor:
            cursor.execute(FIRST_ABOVE, [since])
            leaf = cursor.fetchone()[0]
        bound = self._size if leaf is None else leaf
        return AuditHead.objects.filter(pk__lte=bound).order_by("-pk").first()

    def _last_event(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COALESCE(MAX(event_id), 0) FROM audit_leaf WHERE id < %s", [self._size])
            return int(cursor.fetchone()[0])


def _in_order(start: int, stop: int) -> Iterator[list[SealedLeaf]]:
    while start < stop:
        with connection.cursor() as cursor:
            cursor.execute(IN_ORDER, [start, stop, CHUNK])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        start = rows[-1][0] + 1


def _without_gap(rows: list[SealedLeaf], start: int) -> list[SealedLeaf]:
    """The leaves with which a tree of ``start`` leaves can be grown on; whose leaves follow a gap is still of interest."""
    if rows[-1][0] == start + len(rows) - 1:
        return rows
    return [row for at, row in enumerate(rows, start) if row[0] == at]
