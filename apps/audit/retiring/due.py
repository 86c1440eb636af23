"""Which stretches of the log may retire: sealed whole, older than the time of keeping, and nobody's under a legal hold.

An event about borrowers, cases or money is kept as long as personal data are, any other as long as internal data, and none
goes before the log has been online for six months. Where leaves and numbers do not run alike, what lies between the lowest
and the highest number of a stretch counts as part of it: rather one batch too few.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import Max, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.audit.domains import Domain, within
from apps.audit.locks.guarded import NEVER_RETIRED, ONLINE_MONTHS
from apps.audit.models import AuditEvent, AuditHead, AuditLeaf, AuditRetired, AuditTouch
from apps.audit.retiring.port import Held, KeepingPort
from apps.core import clock
from apps.core.classes import DataClass
from apps.core.errors import Refused
from apps.core.schedules import add_months

MOST = 100_000
"""Events that retire in one transaction."""
NAMED = 5
AT_A_TIME = 500
OF_BORROWERS = (Domain.BORROWERS, Domain.CASES, Domain.MONEY)


@dataclasses.dataclass(frozen=True, slots=True)
class Places:
    """A stretch by its leaves: from ``start`` up to, and without, ``stop``; ``first`` and ``last`` number among its events."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many events it has, those included that stay for ever."""
        return self.stop - self.start


def places(start: int, stop: int) -> Places:
    """A stretch of the tree; raises ``Refused`` unless it begins and ends where a batch was sealed."""
    sizes = {0, *AuditHead.objects.filter(pk__in=(start, stop)).values_list("pk", flat=True)}
    if not 0 <= start < stop or not {start, stop} <= sizes:
        raise Refused("batches", _("A stretch begins and ends where a batch was sealed."))
    if stop - start > MOST:
        raise Refused("batches", _("A stretch has at most %(count)s events: propose several.") % {"count": MOST})
    found = AuditLeaf.objects.filter(pk__gte=start, pk__lt=stop).aggregate(first=Min("event_id"), last=Max("event_id"))
    return Places(start, stop, found["first"], found["last"])


def next_due() -> Places | None:
    """The oldest stretch that has not retired and may, as far as its age goes; ``None`` where none is due."""
    start, island = _after_retired()
    leaf = AuditLeaf.objects.filter(pk=start).first()
    if leaf is None:
        return None
    bound = min(start + MOST, island or start + MOST)
    young = AuditEvent.objects.filter(_too_young(), pk__gte=leaf.event_id).order_by("pk")
    number = young.values_list("pk", flat=True).first()
    if number is not None:
        above = AuditLeaf.objects.filter(event_id__gte=number, pk__gte=start).aggregate(first=Min("pk"))["first"]
        bound = bound if above is None else min(bound, above)
    border = AuditHead.objects.filter(pk__gt=start, pk__lte=bound).order_by("-pk").values_list("pk", flat=True).first()
    return places(start, border) if border else None


def _after_retired() -> tuple[int, int | None]:
    """Where the retired beginning of the log ends, and where the next retired stretch begins, if there is one."""
    start = 0
    for row in AuditRetired.objects.order_by("pk"):
        if row.pk != start:
            return start, row.pk
        start = row.stop
    return start, None


def refuse_kept(stretch: Places) -> None:
    """Raise ``Refused`` where a stretch has retired already, is too young, or has events about somebody under a hold."""
    if AuditRetired.objects.filter(pk__lt=stretch.stop, stop__gt=stretch.start).exists():
        raise Refused("retired", _("A part of this stretch has retired already."))
    young = _in(stretch).filter(_too_young()).order_by("pk").values_list("pk", flat=True).first()
    if young is not None:
        raise Refused("age", _("Event #%(number)s must be kept longer.") % {"number": young})
    held = holds_in(stretch)
    if held:
        named = ", ".join(_("%(who)s (event #%(number)s)") % {"who": who, "number": number} for who, number in held)
        raise Refused("hold", _("A legal hold stands on what this stretch tells of: %(named)s.") % {"named": named})


def holds_in(stretch: Places) -> list[tuple[str, int]]:
    """Who under a legal hold the stretch tells of, each with the first event; at most so many."""
    found = ((held.ref, number) for held in KeepingPort.holds() if (number := _first_about(stretch, held)) is not None)
    return list(islice(found, NAMED))


def _first_about(stretch: Places, held: Held) -> int | None:
    numbers: list[int | None] = []
    for some in _parted(sorted(held.objects)):
        rows = AuditTouch.objects.filter(object__in=some, event_id__range=(stretch.first, stretch.last))
        numbers.append(rows.order_by().aggregate(first=Min("event_id"))["first"])
    for some in _parted(sorted(held.cases)):
        told = _in(stretch).filter(case__in=some).order_by()
        numbers.append(told.aggregate(first=Min("pk"))["first"])
    return min((number for number in numbers if number is not None), default=None)


def _parted(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + AT_A_TIME] for at in range(0, len(names), AT_A_TIME))


def _in(stretch: Places) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(pk__range=(stretch.first, stretch.last))


def _too_young() -> Q:
    """Events whose time of keeping is not over; those that stay for ever keep nothing else back."""
    personal, internal = _since(DataClass.PERSONAL), _since(DataClass.INTERNAL)
    young = Q(at__gte=max(personal, internal)) | (within(OF_BORROWERS) & Q(at__gte=personal)) | Q(at=None)
    if internal < personal:
        young |= ~within(OF_BORROWERS) & Q(at__gte=internal)
    return young & ~Q(action__in=NEVER_RETIRED)


def _since(data_class: str) -> dt.datetime:
    months = max(ONLINE_MONTHS, KeepingPort.months(data_class))
    return clock.midnight(add_months(clock.today(), -months))
