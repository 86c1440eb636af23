"""Stretches that have retired: each must be told of by a sound event that two people stand behind, and leave all its stubs.

Only then are its events gone rightly; else each of them is missing.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

from django.db import connection

from apps.audit.codes import fits
from apps.audit.models import AuditEvent, AuditRetired
from apps.audit.retiring.agreed import is_agreed
from apps.audit.retiring.stubs import Stub, chained
from apps.audit.tags import Tag
from apps.audit.verify.report import Report

CHUNK, REMEMBERED = 4096, 64
LEFT = """
SELECT s.id, s.digest, s.images FROM audit_leaf l JOIN audit_stub s ON s.id = l.event_id
WHERE l.id >= %s AND l.id < %s AND s.stretch = %s ORDER BY l.id LIMIT %s
"""
PLACED = "SELECT id FROM audit_leaf WHERE event_id = %s"
NEAR = """
SELECT s.id, r.id FROM audit_stub s JOIN audit_retired r ON r.id = s.stretch
JOIN audit_leaf l ON l.event_id = s.id AND l.id >= r.id AND l.id < r.stop WHERE s.id >= %s AND s.id < %s
"""
STILL_THERE = "SELECT s.id FROM audit_stub s JOIN audit_event e ON e.id = s.id ORDER BY s.id LIMIT 100"
STRAY = """
SELECT s.id FROM audit_stub s LEFT JOIN audit_leaf l ON l.event_id = s.id
LEFT JOIN audit_retired r ON r.id = s.stretch AND l.id >= r.id AND l.id < r.stop WHERE r.id IS NULL ORDER BY s.id LIMIT 100
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Gone:
    """A stretch that has retired rightly: places counted from 1, how many events went, by which event and which people."""

    first: int
    last: int
    events: int
    event: int
    people: tuple[str, ...]
    file: str


class Retired:
    """Knows which missing events have retired; built before the walk, so that what retires meanwhile is asked for anew."""

    def __init__(self, report: Report, *, whole: bool) -> None:
        self._report, self._sound = report, dict[int, bool]()
        self._near = functools.lru_cache(REMEMBERED)(self._read)
        for row in AuditRetired.objects.order_by("pk"):
            self._checked(row, whole=whole)
        self._check_untold()
        if whole:
            self._check_stubs()

    def has(self, event: int) -> bool:
        """Tell whether an event that is not there has retired rightly; one that retires while the log is walked has, too."""
        return event in self._near(event // CHUNK) or event in self._read(event // CHUNK)

    def _read(self, chunk: int) -> frozenset[int]:
        found = _rows(NEAR, chunk * CHUNK, (chunk + 1) * CHUNK)
        return frozenset(event for event, stretch in found if self._is_sound(stretch))

    def _is_sound(self, stretch: int) -> bool:
        """A stretch that retired since the walk began is judged when its first event is missed."""
        if stretch not in self._sound:
            self._checked(AuditRetired.objects.get(pk=stretch), whole=True)
        return self._sound[stretch]

    def _checked(self, row: AuditRetired, *, whole: bool) -> None:
        event = AuditEvent.objects.filter(pk=row.event).first()
        problem = _problem(row, event, whole=whole)
        self._sound[row.pk] = not problem
        if problem or event is None:
            words = f"leaves {row.pk} to {row.stop} are said to have retired, but {problem}"
            self._report.fault(_first_of(row), "retired", words)
            return
        note = event.data["note"]
        gone = Gone(row.pk + 1, row.stop, note["events"], event.pk, tuple(note["people"]), note["archive"]["file"])
        self._report.retired.append(dataclasses.asdict(gone))

    def _check_untold(self) -> None:
        """An event that tells of a retirement of which there is no row."""
        told = AuditEvent.objects.filter(action=Tag.STRETCH_RETIRED, outcome="done").values_list("pk", flat=True)
        for number in sorted(set(told) - set(AuditRetired.objects.values_list("event", flat=True))):
            self._report.fault(number, "retired", f"event {number} tells that a stretch has retired, and none has")

    def _check_stubs(self) -> None:
        """Stubs of events that are there, and of events that no retired stretch has."""
        for (event,) in _rows(STILL_THERE):
            self._report.fault(event, "retired", f"event {event} is there and is said to have retired")
        for (event,) in _rows(STRAY):
            self._report.fault(
                event, "retired", f"event {event} is said to have retired, but no stretch that did has it"
            )


def _problem(row: AuditRetired, event: AuditEvent | None, *, whole: bool) -> str:
    """What is wrong with a retired stretch; empty where nothing is."""
    if event is None or event.action != Tag.STRETCH_RETIRED or event.outcome != "done":
        return "no event tells of it"
    if not fits(event.mac_key, event.body, event.mac):
        return f"event {event.pk}, which tells of it, is not what was written: its code does not fit"
    try:
        return _problem_of_note(row, event.data["note"], whole=whole)
    except (KeyError, TypeError):
        return f"event {event.pk}, which tells of it, is not shaped like one that does"


def _problem_of_note(row: AuditRetired, note: dict[str, Any], *, whole: bool) -> str:
    if (note["from"], note["to"]) != (row.pk, row.stop):
        return "its event tells of another stretch"
    both = {each.pk: each for each in AuditEvent.objects.filter(pk__in=(note["asked"], note["agreed"]))}
    proposed = both.get(note["asked"])
    if proposed is None or not is_agreed(proposed, both.get(note["agreed"])):
        return "two people have not agreed to it"
    if any(proposed.data["note"][name] != note[name] for name in ("from", "to")):
        return "two people have agreed to another stretch"
    if whole and chained(_left(row)) != (note["events"], note["stubs"]):
        return "what it left of its events is not what was signed"
    return ""


def _left(row: AuditRetired) -> Iterator[Stub]:
    start = row.pk
    while rows := _rows(LEFT, start, row.stop, row.pk, CHUNK):
        yield from (Stub(event, digest, images) for event, digest, images in rows)
        [(place,)] = _rows(PLACED, rows[-1][0])
        start = place + 1


def _first_of(row: AuditRetired) -> int:
    """The lowest event of a stretch that is gone."""
    [(first,)] = _rows("SELECT MIN(event_id) FROM audit_leaf WHERE id >= %s AND id < %s", row.pk, row.stop)
    return int(first or 0)


def _rows(statement: str, *values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
