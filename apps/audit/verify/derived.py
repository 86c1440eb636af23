"""What the triggers keep: the table of touched objects, debts, and the triggers themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

from django.db import connection

from apps.audit.locks import wrong_locks
from apps.audit.models import AuditEvent
from apps.audit.verify.events import Held
from apps.audit.verify.report import Report

HELD = """
SELECT event_id, object, n, op FROM audit_touch WHERE event_id > %s AND event_id <= %s ORDER BY event_id, id
"""


BEYOND = """
SELECT event_id, object FROM audit_touch t WHERE event_id > %s
AND NOT EXISTS (SELECT 1 FROM audit_event WHERE id = t.event_id) ORDER BY event_id
"""
COPIES = """
SELECT e.id, twice.first, e.body FROM audit_event e JOIN (
  SELECT MAX(id) AS last, MIN(id) AS first FROM audit_event GROUP BY mac HAVING COUNT(*) > 1
) twice ON twice.last = e.id WHERE e.id > %s ORDER BY e.id
"""


def held_touches(
    report: Report, stretch: tuple[int, int], events: Collection[int], retired: Callable[[int], bool]
) -> dict[int, list[Held]]:
    """Return what the table of touched objects holds of the events of a stretch; reports rows of events that are not there."""
    held: dict[int, list[Held]] = {event: [] for event in events}
    with connection.cursor() as cursor:
        cursor.execute(HELD, stretch)
        for event, *touch in cursor.fetchall():
            if event in held:
                held[event].append((touch[0], touch[1], touch[2]))
            elif not retired(event) and not _is_there(event):  # else it was committed while the batch was read
                report.fault(event, "deleted", f"event {event} is gone: it touched {touch[0]} under number {touch[1]}")
    return held


def check_copies(report: Report, since: int) -> None:
    """Report events above ``since`` whose code stands in the log twice: a row copied whole fits in every other way.

    Where the clock is simulated two looks may well be the same to the microsecond; there only, equals are no copies.
    """
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [since])
        for event, original, body in cursor.fetchall():
            if not json.loads(body).get("simulated"):
                report.fault(event, "copy", f"event {event} is a copy of event {original}: no code is made twice")


def _is_there(event: int) -> bool:
    return AuditEvent.objects.filter(pk=event).exists()


def check_beyond(report: Report, last: int, retired: Callable[[int], bool]) -> None:
    """Report objects touched by events beyond the last one, unless those were written meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(BEYOND, [last])
        for event, key in cursor.fetchall():
            if not retired(event):
                report.fault(event, "deleted", f"event {event} is gone: it touched {key}")


def check_debts(report: Report) -> None:
    """Report writes that left a debt behind: somebody wrote with the engine's foreign keys switched off."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT object FROM audit_debt ORDER BY object")
        for (key,) in cursor.fetchall():
            report.fault(0, "debt", f"{key} was written and no event tells of it")
        cursor.execute("SELECT stretch FROM audit_gate ORDER BY stretch")
        for (stretch,) in cursor.fetchall():
            report.fault(0, "gate", f"the gate through which the stretch from leaf {stretch} retires stands open")


def check_locks(report: Report) -> None:
    """Report triggers that are missing, altered or silenced."""
    for name in wrong_locks():
        report.fault(0, "lock", f"the lock {name} is missing or has been altered")
