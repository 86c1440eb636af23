"""Which events a bundle holds: a whole stretch of the tree, where a reader of everything asks for a time alone; else events
one by one.

A stretch proves that none is missing. Single events prove themselves, and with an object's number of events also that none
of that object is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, Min

from apps.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditRetired
from apps.audit.sampling import Drawn
from apps.audit.selectors import CHUNK, WHOLE_LOG, EventFilter, Scope, last_number, picked, walk

NAMED_IN = 50  # events of a case among which one names the case itself
IN_ORDER = """
SELECT l.id, e.id, e.body FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id
WHERE l.id >= %s AND l.id < %s ORDER BY l.id
"""


class Sealed(NamedTuple):
    """An event in the tree: its number, its body, and its place from 0."""

    number: int
    body: str
    place: int


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    """The events from one head (0: the beginning) to another, by their sizes."""

    start: int
    end: int

    def events(self) -> Iterator[Sealed]:
        """Yield them in the order of the tree, a chunk in memory."""
        for at in range(self.start, self.end, CHUNK):
            with connection.cursor() as cursor:
                cursor.execute(IN_ORDER, [at, min(at + CHUNK, self.end)])
                rows = cursor.fetchall()
            yield from (Sealed(number, body, place) for place, number, body in rows)


@dataclasses.dataclass(frozen=True, slots=True)
class Chosen:
    """Events that fit a question (of a sample, those drawn), up to one (0: all), as far as they are sealed under a head of this size."""

    asked: EventFilter
    scope: Scope
    size: int
    drawn: Drawn | None = None
    upto: int = 0

    def events(self) -> Iterator[Sealed]:
        """Yield them by ascending number, a chunk in memory."""
        if self.drawn is not None:
            found = picked(self.drawn.numbers, scope=self.scope)
        else:
            found = walk(self.asked, scope=self.scope, upto=self.upto or last_number())
        while chunk := list(islice(found, CHUNK)):
            yield from self._sealed(chunk)

    def _sealed(self, chunk: list[AuditEvent]) -> Iterator[Sealed]:
        leaves = AuditLeaf.objects.filter(event_id__in=[event.pk for event in chunk], pk__lt=self.size)
        places = dict(leaves.values_list("event_id", "pk"))
        yield from (Sealed(event.pk, event.body, places[event.pk]) for event in chunk if event.pk in places)


def stretch_for(asked: EventFilter, scope: Scope, newest: AuditHead) -> Stretch | None:
    """Return the stretch that answers the question; ``None`` where only single events do, as where a part of it has retired.

    Whoever asks for everything gets all since the retired beginning.
    """
    if scope != WHOLE_LOG or asked.asked().keys() - {"since", "until"}:
        return None
    if not asked.asked():
        return _unretired(Stretch(_retired_beginning(), newest.pk))
    numbers = AuditEvent.objects.filter(asked.condition()).order_by().values("pk")
    found = AuditLeaf.objects.filter(event_id__in=numbers, pk__lt=newest.pk).aggregate(first=Min("pk"), last=Max("pk"))
    if found["first"] is None:
        return None
    before = AuditHead.objects.filter(pk__lte=found["first"]).order_by("-pk").first()
    after = AuditHead.objects.filter(pk__gt=found["last"]).order_by("pk")[0]
    return _unretired(Stretch(before.pk if before else 0, after.pk))


def _unretired(stretch: Stretch) -> Stretch | None:
    return None if AuditRetired.objects.filter(pk__lt=stretch.end, stop__gt=stretch.start).exists() else stretch


def _retired_beginning() -> int:
    start = 0
    for row in AuditRetired.objects.order_by("pk"):
        start = row.stop if row.pk == start else start
    return start


def objects_of(asked: EventFilter) -> list[str]:
    """Return the objects whose completeness answers the question: the one asked for, and the cases asked for."""
    found = [asked.object] if asked.object else []
    for case in (asked.case, *asked.cases):
        key = case and _case_object(case)
        if key and key not in found:
            found.append(key)
    return found


def _case_object(case: str) -> str:
    """The object that is a case, as the log itself names it."""
    for event in AuditEvent.objects.filter(case=case).order_by("pk")[:NAMED_IN]:
        for touch in event.data.get("touched", ()):
            if touch["ref"] == case:
                return str(touch["object"])
    return ""
