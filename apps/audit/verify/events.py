"""One event at a time: its code, its spelling, the columns made of it, its objects' numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from apps.audit.canonical import NotCanonical, canonical, digest, parsed
from apps.audit.codes import coder_of
from apps.audit.verify.report import Report

REMEMBERED = 100_000

BEFORE = """
SELECT t.object, t.n, t.event_id, e.body, s.digest FROM {} JOIN audit_touch t ON t.object = wanted.object AND t.n = wanted.n
LEFT JOIN audit_event e ON e.id = t.event_id LEFT JOIN audit_stub s ON s.id = t.event_id
"""
WANTED = {
    "postgresql": "(SELECT p ->> 0 AS object, (p ->> 1)::bigint AS n FROM json_array_elements(%s::json) p) wanted",
    "sqlite": "(SELECT value ->> 0 AS object, value ->> 1 AS n FROM json_each(%s)) wanted",
}


class Row(NamedTuple):
    """An event as it stands in the table."""

    id: int
    body: str
    mac_key: str
    mac: str
    at: str | None
    roles: str | None
    object: str | None
    purpose: str | None
    action: str | None
    outcome: str | None
    actor: str | None
    person: int | None
    branch: int | None
    case: str | None
    address: str | None
    request: str | None
    kind: str | None


Held = tuple[str, int, str]
AS_THEY_STAND = ("action", "outcome", "name", "person", "branch", "case", "address", "request", "kind")
"""Where the last columns stand in a body."""
COLUMNS_START = Row._fields.index("at")
MOMENT = {
    "postgresql": "to_char(at AT TIME ZONE 'UTC', 'ADYYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    "sqlite": "at || ''",
}
"""The column of the moment as text, which nobody has to parse; with its era, as PostgreSQL counts years in two directions."""
MOMENT_LENGTH = len("2026-11-27T19:09:17.175835Z")


def columns(vendor: str) -> str:
    """What to select for a ``Row``."""
    return ", ".join(MOMENT[vendor] if name == "at" else f'"{name}"' for name in Row._fields)


class Events:
    """Checks events in ascending order and remembers the last number of each object, within bounds."""

    def __init__(self, report: Report) -> None:
        self._report, self._vendor = report, connection.vendor
        self._last: dict[str, tuple[int, str]] = {}
        self._before: dict[tuple[str, int], tuple[int, str]] = {}

    def prepare(self, held: Iterable[list[Held]]) -> None:
        """Ask at once for what comes before the events of a batch and is not remembered, going by the table of touched objects."""
        first: dict[str, int] = {}
        for touches in held:
            for key, n, _op in touches:
                if type(key) is str and type(n) is int and n > 1 and key not in self._last:  # SQLite keeps anything
                    first.setdefault(key, n)
        self._before = _found((key, n - 1) for key, n in first.items())

    def check(self, row: Row, held: list[Held]) -> None:
        """Check one event and what the table of touched objects holds of it."""
        if not isinstance(row.body, str):
            self._report.fault(row.id, "spelling", f"event {row.id} is no text")
            return
        data = row.body.encode()
        self._check_code(row, data)
        body = self._read(row, data)
        if body is None:
            return
        try:
            self._check_content(row, body, held, data)
        except (AttributeError, KeyError, TypeError, ValueError):
            self._report.fault(row.id, "shape", f"event {row.id} is not shaped like an event")

    def _check_content(self, row: Row, body: dict[str, Any], held: list[Held], data: bytes) -> None:
        if columns_of(body, self._vendor) != row[COLUMNS_START:]:
            self._report.fault(row.id, "column", f"event {row.id}: a column is not what the body says")
        touched = body.get("touched", ())
        if [(one["object"], one["n"], one["op"]) for one in touched] != held:
            self._report.fault(
                row.id, "touch", f"event {row.id}: the table of touched objects is not what the body says"
            )
        if touched:
            self._check_numbers(row, touched, hashlib.sha256(data).hexdigest())

    def _check_code(self, row: Row, data: bytes) -> None:
        coder = coder_of(row.mac_key)
        if coder is None:
            self._report.fault(row.id, "key", f"event {row.id} names a key that is missing or not ours")
        elif coder.code_of(data) != row.mac:
            self._report.fault(row.id, "code", f"event {row.id} is not what was written: its code does not fit")

    def _read(self, row: Row, data: bytes) -> dict[str, Any] | None:
        try:
            body = parsed(row.body, data)
        except NotCanonical:
            body = None
        if isinstance(body, dict):
            return body
        self._report.fault(row.id, "spelling", f"event {row.id} is not canonical JSON")
        return None

    def _check_numbers(self, row: Row, touched: list[dict[str, Any]], own: str) -> None:
        for one in touched:
            key, n = one["object"], one["n"]
            before = self._last.get(key) or self._before_first(key, n - 1, row.id)
            if before is None or before[0] != n - 1:
                self._report.fault(row.id, "number", f"event {row.id}: the event before number {n} of {key} is missing")
            elif before[1] != one.get("prev", ""):
                self._report.fault(
                    row.id, "number", f"event {row.id}: the event before number {n} of {key} has changed"
                )
            self._last[key] = (n, own)
        if len(self._last) > REMEMBERED:
            self._last.clear()

    def _before_first(self, key: str, n: int, event: int) -> tuple[int, str] | None:
        """A number and its digest as an earlier event, or its stub, has them; nothing comes before a first."""
        if n == 0:
            return 0, ""
        if (key, n) not in self._before:  # the body tells of another than the table did, or memory was emptied since
            self._before |= _found([(key, n)])
        earlier, found = self._before.get((key, n), (event, ""))
        return (n, found) if earlier < event else None


def _found(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, str]]:
    """Events that hold these numbers of these objects; with their digests; those that are gone without a stub are left out."""
    asked = list(wanted)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE.format(WANTED[connection.vendor]), [json.dumps(asked)])
        rows = cursor.fetchall()
    held = ((key, n, event, stub if body is None else digest(str(body))) for key, n, event, body, stub in rows)
    return {(key, n): (event, one) for key, n, event, one in held if one is not None}


def columns_of(body: dict[str, Any], vendor: str) -> tuple[Any, ...]:
    """What the generated columns must hold, the way ``columns`` asks this database for it."""
    return (
        _moment(body["at"], vendor) if "at" in body else None,
        canonical(body["roles"]) if "roles" in body else None,
        body["subject"].get("object") if "subject" in body else None,
        body["purpose"].get("code") if "purpose" in body else None,
        *map(body.get, AS_THEY_STAND),
    )


def _moment(at: str, vendor: str) -> str:
    if len(at) != MOMENT_LENGTH or at[-1] != "Z":
        raise ValueError("a moment is spelled in one way")
    return f"{at[:10]} {at[11:-1]}" if vendor == "sqlite" else f"AD{at}"
