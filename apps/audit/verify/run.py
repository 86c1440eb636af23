"""Walks the whole log once, in batches by number, with the journal beside it.

The journal is read first: its lines are written after their events have committed, so every line must find its row,
however many events are written meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import connection

from apps.audit.codes import forget_keys
from apps.audit.verify import derived
from apps.audit.verify.events import COLUMNS, Events, Row
from apps.audit.verify.journals import Lines
from apps.audit.verify.report import Report

BATCH = 1000
EVENTS = f"SELECT {COLUMNS} FROM audit_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"  # noqa: S608  # nosec B608


def verify(*, since: int = 0, progress: Callable[[int], object] | None = None) -> Report:
    """Verify all events numbered above ``since``; ``progress`` is told how many more were checked.

    Raises ``KeysUnavailable`` when the key service is away.
    """
    report = Report()
    forget_keys()
    lines, last, events, seen = Lines(report, since), last_event(), Events(report), since
    for batch in _batches(since, last):
        held = derived.held_touches(report, seen, [row.id for row in batch])
        for row in batch:
            events.check(row, held[row.id])
            lines.meet(row.id, row.mac)
        seen = batch[-1].id
        report.first, report.last, report.checked = report.first or batch[0].id, seen, report.checked + len(batch)
        if progress is not None:
            progress(len(batch))
    lines.finish()
    derived.check_beyond(report, last)
    derived.check_copies(report, since)
    derived.check_debts(report)
    derived.check_locks(report)
    return report


def last_event() -> int:
    """Number of the last event, 0 in an empty log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM audit_event")
        return int(cursor.fetchone()[0])


def _batches(since: int, last: int) -> Iterator[list[Row]]:
    seen = since
    while True:
        with connection.cursor() as cursor:
            cursor.execute(EVENTS, [seen, last, BATCH])
            batch = [Row(*values) for values in cursor.fetchall()]
        if not batch:
            return
        yield batch
        seen = batch[-1].id
