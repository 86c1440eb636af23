"""An order for an export as an event holds it, and back: a job takes what it does out of the log, not out of a table."""

from __future__ import annotations

import datetime as dt
from typing import Any

from apps.audit.body import Purpose
from apps.audit.manifest import Order, scope_told
from apps.audit.models import AuditEvent
from apps.audit.scope import scope_read
from apps.audit.selectors import EventFilter

NUMBERS = ("person", "branch")
MOMENTS = ("since", "until")


def order_note(order: Order) -> dict[str, Any]:
    """What the event that asks for an export notes of it; its purpose stands beside it."""
    return {
        "format": order.form,
        "filter": order.asked.asked(),
        "scope": scope_told(order.scope),
        "zone": order.zone,
        "language": order.language,
        "institution": order.institution,
    }


def order_of(event: AuditEvent) -> Order:
    """Read an order back."""
    note, purpose = event.data["note"], event.data["purpose"]
    asked = dict(note["filter"])
    asked |= {name: int(asked[name]) for name in NUMBERS if name in asked}
    if "cases" in asked:
        asked["cases"] = tuple(asked["cases"].split())
    asked |= {name: dt.datetime.fromisoformat(asked[name]) for name in MOMENTS if name in asked}
    why = Purpose(purpose["code"], purpose.get("text", ""))
    return Order(
        EventFilter(**asked),
        scope_read(note["scope"]),
        note["format"],
        why,
        note["zone"],
        note["language"],
        note["institution"],
    )
