"""Reads of the log: filters, pages by number, an event's neighbours. Whoever shows them records the look first."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.audit.domains import area
from apps.audit.models import AuditEvent, AuditRetired, AuditStub, AuditTouch
from apps.audit.scope import WHOLE_LOG as WHOLE_LOG
from apps.audit.scope import Scope as Scope
from apps.audit.scope import between, touching
from apps.audit.touched import object_key
from apps.core import keyset
from apps.core.keyset import Page

PAGE_SIZE = 50
CHUNK = 1000
NUMBERS = 20_000

OUTCOMES = {"done": _("Done"), "refused": _("Refused"), "failed": _("Failed")}
KINDS = {"act": _("Acts"), "read": _("Looks")}


@dataclasses.dataclass(frozen=True, slots=True)
class EventFilter:
    """What the explorer asks for; empty fields ask nothing.

    ``object`` is an object's key (``borrowers_borrower:1182``) and finds every event that touched it, and with ``cases``
    those of these cases as well. ``action`` is a
    whole action, or an area with its dot (``workflow.``). ``since`` is inclusive, ``until`` exclusive.
    """

    person: int | None = None
    actor: str = ""
    role: str = ""
    branch: int | None = None
    case: str = ""
    object: str = ""
    cases: tuple[str, ...] = ()
    action: str = ""
    outcome: str = ""
    purpose: str = ""
    address: str = ""
    request: str = ""
    kind: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def asked(self) -> dict[str, str]:
        """Return what is asked, as text, for manifests and records."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: value.isoformat() if isinstance(value, dt.datetime) else _text(value)
            for name, value in values.items()
            if value not in (None, "", ())
        }

    def condition(self) -> Q:
        """Return the filter as a condition."""
        equal = {
            name: getattr(self, name)
            for name in ("person", "actor", "branch", "case", "outcome", "purpose", "address", "request", "kind")
            if getattr(self, name) not in (None, "")
        }
        condition = Q(**equal) & between(self.since, self.until)
        if self.action:
            condition &= area(self.action[:-1]) if self.action.endswith(".") else Q(action=self.action)
        if self.role:
            condition &= Q(roles__contains=f'"{self.role}"')
        if self.object:
            touched = touching((self.object,))
            condition &= touched | Q(case__in=self.cases) if self.cases else touched
        return condition


NO_FILTER = EventFilter()


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def events(
    asked: EventFilter = NO_FILTER, *, scope: Scope, cursor: str = "", size: int = PAGE_SIZE
) -> Page[AuditEvent]:
    """Return one page of events, newest first; ``cursor`` comes from the page before."""
    after = keyset.decode(cursor)
    rows = _chosen(asked, scope)
    if after is not None and isinstance(after[0], int):
        rows = rows.filter(pk__lt=after[0])
    found = list(rows.order_by("-pk")[: size + 1])
    shown = found[:size]
    return Page(shown, keyset.encode([shown[-1].pk]) if len(found) > size else "", after is None)


def walk(asked: EventFilter, *, scope: Scope, upto: int) -> Iterator[AuditEvent]:
    """Yield all events up to a number, oldest first, holding one chunk in memory."""
    seen = 0
    while chunk := list(_chosen(asked, scope).filter(pk__gt=seen, pk__lte=upto).order_by("pk")[:CHUNK]):
        yield from chunk
        seen = chunk[-1].pk


def numbers(asked: EventFilter, *, scope: Scope, upto: int) -> Iterator[int]:
    """Yield the numbers of all events up to one, oldest first, holding one chunk in memory."""
    seen, rows = 0, _chosen(asked, scope).order_by("pk").values_list("pk", flat=True)
    while chunk := list(rows.filter(pk__gt=seen, pk__lte=upto)[:NUMBERS]):
        yield from chunk
        seen = chunk[-1]


def picked(wanted: Iterable[int], *, scope: Scope = WHOLE_LOG) -> Iterator[AuditEvent]:
    """Yield the events of these numbers that are in scope, oldest first, holding one chunk in memory."""
    remaining = iter(sorted(wanted))
    while chunk := list(islice(remaining, CHUNK)):
        yield from AuditEvent.objects.filter(scope.condition(), pk__in=chunk).order_by("pk")


def _chosen(asked: EventFilter, scope: Scope) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(asked.condition(), scope.condition())


def are_more_than(count: int, asked: EventFilter, *, scope: Scope) -> bool:
    """Tell whether more events than that fit; does not count the rest."""
    return counted(asked, scope=scope, most=count + 1) > count


def counted(asked: EventFilter, *, scope: Scope, most: int, upto: int = 0) -> int:
    """Count the events that fit, up to a number where one is given, no further than ``most``."""
    rows = _chosen(asked, scope).order_by()
    return (rows.filter(pk__lte=upto) if upto else rows)[:most].count()


def event_get(number: int, *, scope: Scope) -> AuditEvent | None:
    """Return one event, or ``None`` where there is none in scope."""
    return AuditEvent.objects.filter(scope.condition(), pk=number).first()


def last_moment(**which: Any) -> dt.datetime | None:
    """When such an event was last recorded, by conditions on its columns: no more than that of any event."""
    return AuditEvent.objects.filter(**which).order_by("-pk").values_list("at", flat=True).first()


def event_of_retirement(number: int) -> int | None:
    """Number of the event that tells of the stretch in which an event has retired, or ``None`` where it has not."""
    stretch = AuditStub.objects.filter(pk=number).values("stretch")
    return AuditRetired.objects.filter(pk__in=stretch).values_list("event", flat=True).first()


@dataclasses.dataclass(frozen=True, slots=True)
class Neighbours:
    """An object that an event touched, with the events before and after it on the same object."""

    object: str
    ref: str
    number: int
    before: int | None
    after: int | None


def neighbours(event: AuditEvent, *, scope: Scope) -> list[Neighbours]:
    """Return, for each object of an event, the numbers of its neighbouring events as far as they are in scope; two queries at most."""
    touched: list[dict[str, Any]] = event.data.get("touched", [])
    wanted = Q(pk__in=())
    for one in touched:
        wanted |= Q(object=one["object"], n__in=(one["n"] - 1, one["n"] + 1))
    found = {(row.object, row.n): row.event_id for row in AuditTouch.objects.filter(wanted)}
    if scope != WHOLE_LOG:
        inside = AuditEvent.objects.filter(scope.condition(), pk__in=found.values()).values_list("pk", flat=True)
        found = {key: number for key, number in found.items() if number in set(inside)}
    return [
        Neighbours(
            one["object"],
            one["ref"],
            one["n"],
            found.get((one["object"], one["n"] - 1)),
            found.get((one["object"], one["n"] + 1)),
        )
        for one in touched
    ]


def last_number() -> int:
    """Number of the last event; 0 in an empty log."""
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def last_act_on(row: Model) -> AuditEvent | None:
    """The newest event that changed a row; ``None`` for one that the log does not know."""
    newest = AuditTouch.objects.filter(object=object_key(row)).order_by("-n").values_list("event_id", flat=True).first()
    return None if newest is None else AuditEvent.objects.filter(pk=newest).first()
