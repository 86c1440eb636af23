"""Samples of the log: drawn on record, so that whoever reads the event can draw the same one again and nobody draws in secret."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.audit.manifest import scope_told
from apps.audit.models import AuditEvent
from apps.audit.orders import question_of
from apps.audit.sampling import Drawn, Sample, drawn, fresh_seed
from apps.audit.selectors import EventFilter, Scope, last_number, numbers
from apps.audit.services.recording import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput

MOST = 200
"""Events of a sample that a page shows and an event names."""
MOST_REDRAWN = 50_000


@dataclasses.dataclass(frozen=True, slots=True)
class SampleOnRecord:
    """A sample as its event tells of it: from which events, in which part of the log, drawn by whom."""

    event: AuditEvent
    asked: EventFilter
    scope: Scope
    drawn: Drawn

    @property
    def is_as_recorded(self) -> bool | None:
        """Draw it again, and tell whether the same events come; ``None`` where that takes too long for a page."""
        if self.drawn.population > MOST_REDRAWN:
            return None
        upto = self.drawn.sample.upto
        return drawn(self.drawn.sample, numbers(self.asked, scope=self.scope, upto=upto)) == self.drawn


def sample_draw(*, actor: Actor, asked: EventFilter, scope: Scope, size: int) -> AuditEvent:
    """Draw a sample of the events that fit, by a fresh seed. It is on record before anybody sees it."""
    if not 1 <= size <= MOST:
        raise BadInput({"size": [_("Enter a number from 1 to %(most)s.") % {"most": MOST}]})
    sample = Sample(size, fresh_seed(), last_number())
    found = drawn(sample, numbers(asked, scope=scope, upto=sample.upto))
    if not found.population:
        raise BadInput(_("No event fits these filters: there is nothing to draw from."))
    note: dict[str, Any] = {**found.as_json(), "numbers": sorted(found.numbers)}
    note |= {"filter": asked.asked(), "scope": scope_told(scope)}
    return record_read(Tag.SAMPLE_DRAWN, actor=actor, note=note)


def sample_of(number: int, *, scope: Scope) -> SampleOnRecord | None:
    """The sample that an event tells of, drawn from what the reader may read now; else ``None``, one's own included."""
    event = AuditEvent.objects.filter(pk=number, action=Tag.SAMPLE_DRAWN, outcome="done").first()
    if event is None:
        return None
    note = event.data["note"]
    sample, (asked, reach) = Sample(note["size"], note["seed"], note["upto"]), question_of(note)
    if not scope.covers(reach):
        return None
    return SampleOnRecord(event, asked, reach, Drawn(sample, frozenset(note["numbers"]), note["population"]))


def samples_drawn(*, scope: Scope, most: int = 20) -> list[AuditEvent]:
    """The newest samples that the reader may open."""
    rows = AuditEvent.objects.filter(action=Tag.SAMPLE_DRAWN, outcome="done").order_by("-pk")[: 10 * most]
    return [each for each in rows if scope.covers(question_of(each.data["note"])[1])][:most]


def opened_since(event: AuditEvent, wanted: frozenset[int], *, actor: Actor) -> frozenset[int]:
    """Which events of a sample the reader has opened since it was drawn: the log says it, nobody needs to tick anything."""
    looks = AuditEvent.objects.filter(action=Tag.EVENT_OPENED, person=actor.person_id or 0, pk__gt=event.pk)
    return frozenset(look.data["note"]["number"] for look in looks.order_by("-pk")[: 10 * MOST]) & wanted
