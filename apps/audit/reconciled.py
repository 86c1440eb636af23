"""What the last reconciliation on record said."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from apps.audit.models import AuditEvent
from apps.audit.tags import Tag


@dataclasses.dataclass(frozen=True, slots=True)
class Reconciled:
    """A comparison of business rows with the log: when, how many rows, how many differ, and the first of those."""

    number: int
    at: dt.datetime | None
    checked: int
    count: int
    first: str


def last_reconciled() -> Reconciled | None:
    """Return the newest one; ``None`` where there is none. One query."""
    event = AuditEvent.objects.filter(action=Tag.ROWS_RECONCILED, outcome="done").order_by("-pk").first()
    if event is None:
        return None
    note: dict[str, Any] = event.data.get("note", {})
    first = note.get("first") or [{}]
    return Reconciled(event.pk, event.at, int(note["checked"]), int(note["differ"]), str(first[0].get("object", "")))
