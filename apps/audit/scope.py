"""Which part of the log a reader may see: places, domains and a stretch of time. Every read of the log is given one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q

from apps.audit import domains as table
from apps.audit.canonical import moment
from apps.audit.models import AuditTouch

SETS = ("branches", "areas", "domains", "cases", "objects")
PLACES = ("branches", "cases", "objects")
MOMENTS = ("since", "until")


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """A part of the log; ``None`` is unbounded.

    Places (branches, cases by reference, objects by key) widen each other; apps (``areas``), domains and the stretch of time
    narrow them. ``beside`` are further parts: what lies in any of them is in scope too.
    """

    branches: frozenset[int] | None = None
    areas: frozenset[str] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    domains: frozenset[str] | None = None
    cases: frozenset[str] | None = None
    objects: frozenset[str] | None = None
    beside: tuple[Scope, ...] = ()

    def condition(self) -> Q:
        """Return the scope as a condition."""
        condition = self._own()
        for part in self.beside:
            condition |= part.condition()
        return condition

    def _own(self) -> Q:
        condition = between(self.since, self.until) & self._in_place()
        if self.areas is not None:
            areas = Q(pk__in=())
            for name in self.areas:
                areas |= table.area(name)
            condition &= areas
        return condition if self.domains is None else condition & table.within(self.domains)

    def _in_place(self) -> Q:
        if not self.is_local:
            return Q()
        condition = Q(branch__in=self.branches or ())
        if self.cases:
            condition |= Q(case__in=self.cases)
        return condition | touching(self.objects) if self.objects else condition

    def of_rows(self, *, branch: str, number: str) -> Q:
        """The places as a condition on other rows: columns for their branch and the reference of their case."""
        condition = Q(pk__in=())
        for part in self.parts:
            if not part.is_local:
                return Q()
            condition |= Q(**{f"{branch}__in": part.branches or ()}) | Q(**{f"{number}__in": part.cases or ()})
        return condition

    @property
    def is_local(self) -> bool:
        """Tell whether it is bounded to places."""
        return any(getattr(self, name) is not None for name in PLACES)

    def told(self) -> dict[str, Any]:
        """The bounds as manifests and events hold them; none for the whole log."""
        found: dict[str, Any] = {}
        for name in SETS:
            if (value := getattr(self, name)) is not None:
                found[name] = sorted(value)
        for name in MOMENTS:
            if (value := getattr(self, name)) is not None:
                found[name] = moment(value)
        return {**found, **({"beside": [part.told() for part in self.beside]} if self.beside else {})}

    def reaches(self, domain: str) -> bool:
        """Tell whether events of a domain are in scope, in some place at some time."""
        return any(part.domains is None or domain in part.domains for part in self.parts)

    @property
    def parts(self) -> tuple[Scope, ...]:
        """The parts one by one."""
        return (dataclasses.replace(self, beside=()), *(one for part in self.beside for one in part.parts))

    def covers(self, other: Scope) -> bool:
        """Tell whether every part of another scope lies within one of these."""
        return all(part == NOTHING or any(_holds(own, part) for own in self.parts) for part in other.parts)


WHOLE_LOG = Scope()
NOTHING = Scope(branches=frozenset())


def united(scopes: Iterable[Scope]) -> Scope:
    """What lies in any of them; nothing where there is none."""
    found = [part for part in dict.fromkeys(scopes) if part != NOTHING]
    if not found:
        return NOTHING
    return WHOLE_LOG if WHOLE_LOG in found else dataclasses.replace(found[0], beside=(*found[0].beside, *found[1:]))


def scope_read(told: Mapping[str, Any]) -> Scope:
    """Read a scope back that was told."""
    found: dict[str, Any] = {name: frozenset(told[name]) for name in SETS if name in told}
    found |= {name: dt.datetime.fromisoformat(told[name]) for name in MOMENTS if name in told}
    return Scope(**found, beside=tuple(scope_read(part) for part in told.get("beside", ())))


def touching(objects: Collection[str]) -> Q:
    """Events that touched any of some objects."""
    return Q(pk__in=AuditTouch.objects.filter(object__in=sorted(objects)).order_by().values("event_id"))


def between(since: dt.datetime | None, until: dt.datetime | None) -> Q:
    """Events from a moment on and before another."""
    condition = Q()
    if since is not None:
        condition &= Q(at__gte=since)
    if until is not None:
        condition &= Q(at__lt=until)
    return condition


def _holds(own: Scope, other: Scope) -> bool:
    """Tell whether one part lies within another."""
    if own.since is not None and (other.since is None or other.since < own.since):
        return False
    if own.until is not None and (other.until is None or other.until > own.until):
        return False
    narrow = all(_subset(getattr(other, name), getattr(own, name)) for name in ("areas", "domains"))
    return narrow and _in_places(own, other)


def _subset(inner: frozenset[str] | None, outer: frozenset[str] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def _in_places(own: Scope, other: Scope) -> bool:
    if not own.is_local:
        return True
    named = all((getattr(other, name) or frozenset()) <= (getattr(own, name) or frozenset()) for name in PLACES)
    return other.is_local and named
