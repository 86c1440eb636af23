"""An order for an export as an event holds it, and back: a job takes what it does out of the log, not out of a table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from apps.audit.body import Purpose
from apps.audit.manifest import Order, scope_told
from apps.audit.models import AuditEvent
from apps.audit.recipients import fingerprint
from apps.audit.sampling import Sample
from apps.audit.scope import Scope, scope_read
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
        **({"recipient": order.recipient, "recipient_sha256": fingerprint(order.recipient)} if order.recipient else {}),
        **({"in_clear": True} if order.in_clear else {}),
        **({"heads": list(order.since)} if order.since else {}),
        **({"sample": dataclasses.asdict(order.sample)} if order.sample else {}),
    }


def order_of(event: AuditEvent) -> Order:
    """Read an order back."""
    note, purpose = event.data["note"], event.data["purpose"]
    asked, scope = question_of(note)
    why = Purpose(purpose["code"], purpose.get("text", ""))
    sample = Sample(**note["sample"]) if "sample" in note else None
    return Order(
        asked, scope, note["format"], why, note["zone"], note["language"], note["institution"],
        sample, note.get("recipient", ""), note.get("in_clear", False), event.pk if "in_clear" in note else 0,
        tuple(note.get("heads", ())),
    )  # fmt: skip


def events_of(numbers: Iterable[int]) -> Mapping[int, AuditEvent]:
    """The events that rows of exports speak of, by number: for whoever may see the rows themselves, and of nothing else."""
    return AuditEvent.objects.in_bulk(list(numbers))


def question_of(note: Mapping[str, Any]) -> tuple[EventFilter, Scope]:
    """Read back which events were asked for, and in which part of the log."""
    asked = dict(note["filter"])
    asked |= {name: int(asked[name]) for name in NUMBERS if name in asked}
    if "cases" in asked:
        asked["cases"] = tuple(asked["cases"].split())
    asked |= {name: dt.datetime.fromisoformat(asked[name]) for name in MOMENTS if name in asked}
    return EventFilter(**asked), scope_read(note["scope"])
