"""Writes events as CSV or a workbook for people, or as JSON lines for machines, streaming, and counts what was written."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import io
import json
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apps.audit.canonical import JSON, canonical, digest
from apps.audit.dictionary import of_lines, of_sheet
from apps.audit.models import AuditEvent
from apps.audit.tags import label_of
from apps.audit.workbook import workbook
from apps.core.text import sheet_cell

BOM = "\ufeff"
FORMATS = ("csv", "jsonl", "xlsx")
REPORTED = 1000  # events between two reports of progress

HEADINGS = (
    "number",
    "time_utc",
    "time_local",
    "action",
    "action_words",
    "outcome",
    "guard",
    "kind",
    "actor",
    "name",
    "person",
    "account",
    "roles",
    "branches",
    "on_behalf_of",
    "case",
    "stage",
    "branch",
    "object",
    "reference",
    "touched",
    "purpose",
    "purpose_text",
    "note",
    "channel",
    "address",
    "device",
    "session",
    "factor",
    "factor_age_s",
    "request",
    "policy",
    "model",
    "build",
    "simulated",
    "changes",
    "body_sha256",
    "code_key",
    "code",
)


@dataclasses.dataclass(slots=True)
class Tally:
    """What has been written so far."""

    progress: Callable[[int], object] | None = None
    rows: int = 0
    first: int = 0
    last: int = 0
    sha256: Any = dataclasses.field(default_factory=hashlib.sha256)

    def counted(self, event: AuditEvent) -> AuditEvent:
        """Count an event on its way."""
        self.rows, self.first, self.last = self.rows + 1, self.first or event.pk, event.pk
        if self.progress is not None and self.rows % REPORTED == 0:
            self.progress(REPORTED)
        return event

    def hashed(self, piece: str | bytes) -> bytes:
        """Encode and hash a piece on its way."""
        data = piece.encode() if isinstance(piece, str) else piece
        self.sha256.update(data)
        return data

    def as_json(self) -> dict[str, JSON]:
        """Return the manifest's share."""
        return {"rows": self.rows, "first": self.first, "last": self.last, "sha256": self.sha256.hexdigest()}


def written(events: Iterable[AuditEvent], *, form: str, zone: str, tally: Tally) -> Iterator[bytes]:
    """Yield the export piece by piece; ``tally`` is complete when the last piece has been taken."""
    pieces: dict[str, Callable[[Iterable[AuditEvent], str], Iterator[str | bytes]]]
    pieces = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx}
    for piece in pieces[form](map(tally.counted, events), zone):
        yield tally.hashed(piece)


def dictionary_of(form: str) -> dict[str, JSON]:
    """The data dictionary of a form."""
    return of_lines() if form == "jsonl" else of_sheet(HEADINGS)


def _xlsx(events: Iterable[AuditEvent], zone: str) -> Iterator[bytes]:
    place = zoneinfo.ZoneInfo(zone)
    yield from workbook(HEADINGS, ([_cell(value) for value in _values(event, place)] for event in events))


def _csv(events: Iterable[AuditEvent], zone: str) -> Iterator[str]:
    place = zoneinfo.ZoneInfo(zone)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    yield BOM + buffer.getvalue()
    for event in events:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([sheet_cell(_cell(value)) for value in _values(event, place)])
        yield buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical(value) if isinstance(value, (dict, list)) else str(value)


def _values(event: AuditEvent, place: zoneinfo.ZoneInfo) -> list[Any]:
    body = event.data
    subject, purpose = body.get("subject", {}), body.get("purpose", {})
    touched = body.get("touched", [])
    local = dt.datetime.fromisoformat(body["at"]).astimezone(place).isoformat()
    special = {
        "number": event.pk,
        "time_utc": body["at"],
        "time_local": local,
        "action_words": label_of(body["action"]),
        "roles": " ".join(body.get("roles", [])),
        "object": subject.get("object"),
        "reference": subject.get("ref"),
        "touched": " ".join(one["object"] for one in touched),
        "purpose": purpose.get("code"),
        "purpose_text": purpose.get("text"),
        "body_sha256": digest(event.body),
        "code_key": event.mac_key,
        "code": event.mac,
        "changes": {one["object"]: one["changes"] for one in touched if "changes" in one} or None,
    }
    return [special.get(name, body.get(name)) for name in HEADINGS]


def _jsonl(events: Iterable[AuditEvent], zone: str) -> Iterator[str]:
    """One event a line, its body as it was signed."""
    for event in events:
        head = json.dumps({"number": event.pk, "txid": event.txid, "code_key": event.mac_key, "code": event.mac})
        yield f'{head[:-1]}, "body": {event.body}}}\n'
