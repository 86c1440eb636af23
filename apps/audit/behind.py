"""Who stood behind what was done to a row, as the log has it: whoever acted, and whom they acted for.

A row that remembers one person remembers the deputy; what keeps the deputy off keeps the principal off too.
"""

from __future__ import annotations

from django.db.models import Model

from apps.audit.models import AuditEvent, AuditTouch
from apps.audit.tags import Tag
from apps.audit.touched import object_key


def people_behind(row: Model, *tags: Tag) -> frozenset[int]:
    """Persons behind the events with some tags that touched a row; without tags, behind the one that made it."""
    touches = AuditTouch.objects.filter(object=object_key(row))
    if not tags:
        touches = touches.filter(n=1)
    events = AuditEvent.objects.filter(pk__in=touches.values("event_id"), outcome="done")
    if tags:
        events = events.filter(action__in=[tag.value for tag in tags])
    told = [(each.data.get("person"), each.data.get("on_behalf_of", {}).get("person")) for each in events]
    return frozenset(person for pair in told for person in pair if person is not None)
