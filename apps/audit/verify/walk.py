"""The walk over the events, in batches by number, with the journal beside it.

The journal is read first: its lines are written after their events have committed, so every line must find its row,
however many events are written meanwhile. What all events are held against is read once; stretches of the log can then be
walked apart from each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from django.db import connection

from apps.audit.verify import derived
from apps.audit.verify.events import Events, Row, columns
from apps.audit.verify.journals import Lines
from apps.audit.verify.report import Report
from apps.audit.verify.retired import Retired
from apps.audit.verify.sealed import Seals
from apps.audit.verify.spread import Progress

BATCH = 1000
EVENTS = "SELECT {} FROM audit_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"


class Walk:
    """Goes over all events numbered above ``since`` that were there when it was made."""

    def __init__(self, report: Report, since: int) -> None:
        self._report, self._since = report, since
        self._lines, self.seals = Lines(report, since), Seals(report, since)
        self.last = max(since, last_event())
        self.retired = Retired(report, whole=not since).has
        self._lines.retired = self.seals.retired = self.retired

    def stretches(self, count: int) -> list[tuple[int, int]]:
        """Cut the numbers into so many stretches: above the first number, up to the second."""
        cuts = [self._since + (self.last - self._since) * at // count for at in range(count + 1)]
        return list(itertools.pairwise(cuts))

    def over(self, stretch: tuple[int, int], progress: Progress) -> None:
        """Check a stretch; of its end it is known that nothing more can come in."""
        report, (seen, stop), events = self._report, stretch, Events(self._report)
        self._lines.begin(seen, None if stop == self.last else stop)
        for batch in _batches(seen, stop):
            for row in batch:  # whatever else cannot be read, these are there
                self._lines.meet(row.id, row.mac)
            with report.reading(f"what stands beside events {batch[0].id} to {batch[-1].id}"):
                self._check(batch, seen, events)
            seen = batch[-1].id
            report.first, report.last, report.checked = report.first or batch[0].id, seen, report.checked + len(batch)
            progress(len(batch))
        if seen < stop:
            with report.reading(f"what stands beside events after {seen}"):
                self._beside(seen, stop, set())
        self._lines.finish()

    def _check(self, batch: list[Row], seen: int, events: Events) -> None:
        """Check some events in a row, the first of which follows event ``seen``."""
        held, leaves = self._beside(seen, batch[-1].id, {row.id for row in batch})
        events.prepare(held.values())
        for row in batch:
            events.check(row, held[row.id])
            self.seals.check(row.id, row.body, leaves.get(row.id))
        self.seals.check_left_out([row.id for row in batch if row.id not in leaves])

    def close(self) -> None:
        """Let go of the journal's lines when all has been walked."""
        self._lines.close()

    def _beside(
        self, since: int, reached: int, events: set[int]
    ) -> tuple[dict[int, list[tuple[str, int, str]]], dict[int, bytes]]:
        """What the tables beside the events hold of some of them; reports what they hold of events that are not there."""
        return (
            derived.held_touches(self._report, (since, reached), events, self.retired),
            self.seals.leaves((since, reached), events),
        )


def last_event() -> int:
    """Number of the last event, 0 in an empty log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM audit_event")
        return int(cursor.fetchone()[0])


def _batches(since: int, last: int) -> Iterator[list[Row]]:
    seen, statement = since, EVENTS.format(columns(connection.vendor))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [seen, last, BATCH])
            batch = list(map(Row._make, cursor.fetchall()))
        if not batch:
            return
        yield batch
        seen = batch[-1].id
