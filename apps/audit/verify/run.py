"""Walks the whole log once, in batches by number, with the journal beside it.

The journal is read first: its lines are written after their events have committed, so every line must find its row,
however many events are written meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import connection

from apps.audit.codes import forget_keys
from apps.audit.verify import derived, outside
from apps.audit.verify.events import Events, Row, columns
from apps.audit.verify.journals import Lines
from apps.audit.verify.mapped import check_map
from apps.audit.verify.report import Report
from apps.audit.verify.retired import Retired
from apps.audit.verify.sealed import Seals
from apps.audit.verify.stamps import check_timestamps

BATCH = 1000
EVENTS = "SELECT {} FROM audit_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"


def verify(*, since: int = 0, progress: Callable[[int], object] | None = None) -> Report:
    """Verify all events numbered above ``since``; ``progress`` is told how many more were checked.

    Raises ``KeysUnavailable`` when the key service is away.
    """
    report = Report()
    forget_keys()
    outside.check_keys(report)
    lines, seals, last, events, seen = Lines(report, since), Seals(report, since), last_event(), Events(report), since
    retired = Retired(report, whole=not since)
    lines.retired = seals.retired = retired.has
    for batch in _batches(since, last):
        numbers = {row.id for row in batch}
        held, leaves = derived.held_touches(report, seen, numbers, retired.has), seals.leaves(seen, numbers)
        for row in batch:
            events.check(row, held[row.id])
            lines.meet(row.id, row.mac)
            seals.check(row.id, row.body, leaves.get(row.id))
        seals.check_left_out([row.id for row in batch if row.id not in leaves])
        seen = batch[-1].id
        report.first, report.last, report.checked = report.first or batch[0].id, seen, report.checked + len(batch)
        if progress is not None:
            progress(len(batch))
    lines.finish()
    derived.check_beyond(report, last, retired.has)
    seals.check_gone(seen)
    _check_whole(report, seals, since)
    return report


def _check_whole(report: Report, seals: Seals, since: int) -> None:
    """Check what is not of one event: tree and heads, map, cosignatures and time-stamps where the whole log was asked for, pins, copies, locks."""
    seals.finish()
    if not since:
        check_map(report)
        outside.check_cosignatures(report)
        check_timestamps(report)
    outside.check_pins(report)
    derived.check_copies(report, since)
    derived.check_debts(report)
    derived.check_locks(report)


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
