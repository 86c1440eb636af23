"""What the log says of objects: the newest event that tells of a write of each, and the older ones."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from apps.audit.models import AuditEvent, AuditStub, AuditTouch
from apps.audit.touched import Op

PAGE = 5000
MOST_OLDER = 1000
"""How far back a replayed state is looked for."""
WRITES = """
SELECT object, n, event_id, op FROM audit_touch WHERE (object, n) > (%s, %s) AND op <> 'name'
ORDER BY object, n LIMIT %s
"""


class Told(NamedTuple):
    """The newest write of an object that the log tells of: its running number, the event and what was done."""

    object: str
    n: int
    event: int
    op: str


def newest_writes() -> Iterator[Told]:
    """Stream the newest write of every object, by object; memory stays flat and no transaction is held open."""
    last: Told | None = None
    while True:
        page = _page(last)
        for told in page:
            if last is not None and told.object != last.object:
                yield last
            last = told
        if len(page) < PAGE:
            break
    if last is not None:
        yield last


def _page(last: Told | None) -> list[Told]:
    with connection.cursor() as cursor:
        cursor.execute(WRITES, [last.object if last else "", last.n if last else 0, PAGE])
        return [Told(*row) for row in cursor.fetchall()]


def newest_write(name: str) -> Told | None:
    """The newest write of one object, as of this moment."""
    rows = AuditTouch.objects.filter(object=name).exclude(op=Op.NAME).order_by("-n")
    row = rows.values_list("object", "n", "event_id", "op").first()
    return Told(*row) if row else None


def bodies(events: Collection[int]) -> dict[int, dict[str, Any]]:
    """Read bodies, by event; one that somebody has spoiled is empty, and verification says so.

    Of a retired event the images are left that no later event had written anew.
    """
    found = {pk: _read(body) for pk, body in AuditEvent.objects.filter(pk__in=events).values_list("pk", "body")}
    missing = [event for event in events if event not in found]
    stubs = AuditStub.objects.filter(pk__in=missing).values_list("pk", "images") if missing else ()
    return found | {pk: _stub(images) for pk, images in stubs}


def _stub(images: str) -> dict[str, Any]:
    return {"touched": [{"object": name, "after": after} for name, after in _read(images or "{}").items()]}


def entry_of(body: dict[str, Any], name: str) -> dict[str, Any]:
    """What a body says of an object."""
    touched: Sequence[Any] = body.get("touched", ())
    return next((entry for entry in touched if isinstance(entry, dict) and entry.get("object") == name), {})


def history(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Events that wrote an object and what each says of it, newest first."""
    rows = AuditTouch.objects.filter(object=name).exclude(op=Op.NAME).order_by("-n")
    events = list(rows.values_list("event_id", flat=True)[:MOST_OLDER])
    for start in range(0, len(events), 100):
        found = bodies(events[start : start + 100])
        for event in events[start : start + 100]:
            yield event, entry_of(found.get(event, {}), name)


def _read(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
