"""One event at a time: its code, its spelling, the columns made of it, its objects' numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from apps.audit.canonical import NotCanonical, canonical, digest, parsed
from apps.audit.codes import coder_of
from apps.audit.verify.report import Report

REMEMBERED = 100_000

BEFORE = """
SELECT e.body, s.digest FROM audit_touch t LEFT JOIN audit_event e ON e.id = t.event_id
LEFT JOIN audit_stub s ON s.id = t.event_id WHERE t.object = %s AND t.n = %s
"""


class Row(NamedTuple):
    """An event as it stands in the table."""

    id: int
    body: str
    mac_key: str
    mac: str
    at: str | None
    action: str | None
    outcome: str | None
    actor: str | None
    person: int | None
    roles: str | None
    branch: int | None
    case: str | None
    object: str | None
    purpose: str | None
    address: str | None
    request: str | None
    kind: str | None


Held = tuple[str, int, str]
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

    def check(self, row: Row, held: list[Held]) -> None:
        """Check one event and what the table of touched objects holds of it."""
        self._check_code(row)
        body = self._read(row)
        if body is None:
            return
        try:
            self._check_content(row, body, held)
        except (AttributeError, KeyError, TypeError, ValueError):
            self._report.fault(row.id, "shape", f"event {row.id} is not shaped like an event")

    def _check_content(self, row: Row, body: dict[str, Any], held: list[Held]) -> None:
        if columns_of(body, self._vendor) != row[COLUMNS_START:]:
            self._report.fault(row.id, "column", f"event {row.id}: a column is not what the body says")
        touched = body.get("touched", ())
        if [(one["object"], one["n"], one["op"]) for one in touched] != held:
            self._report.fault(
                row.id, "touch", f"event {row.id}: the table of touched objects is not what the body says"
            )
        if touched:
            self._check_numbers(row, touched)

    def _check_code(self, row: Row) -> None:
        coder = coder_of(row.mac_key)
        if coder is None:
            self._report.fault(row.id, "key", f"event {row.id} names a key that is missing or not ours")
        elif coder.code(row.body) != row.mac:
            self._report.fault(row.id, "code", f"event {row.id} is not what was written: its code does not fit")

    def _read(self, row: Row) -> dict[str, Any] | None:
        try:
            body = parsed(row.body)
        except NotCanonical:
            body = None
        if isinstance(body, dict):
            return body
        self._report.fault(row.id, "spelling", f"event {row.id} is not canonical JSON")
        return None

    def _check_numbers(self, row: Row, touched: list[dict[str, Any]]) -> None:
        own = digest(row.body)
        for one in touched:
            key, n = one["object"], one["n"]
            before = self._last.get(key) or _before(key, n)
            if before is None or before[0] != n - 1:
                self._report.fault(row.id, "number", f"event {row.id}: the event before number {n} of {key} is missing")
            elif before[1] != one.get("prev", ""):
                self._report.fault(
                    row.id, "number", f"event {row.id}: the event before number {n} of {key} has changed"
                )
            self._last[key] = (n, own)
        if len(self._last) > REMEMBERED:
            self._last.clear()


def _before(key: str, n: int) -> tuple[int, str] | None:
    """Number and digest before ``n`` as the log, or the stub of a retired event, has them; nothing comes before a first."""
    if n == 1:
        return 0, ""
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [key, n - 1])
        found = cursor.fetchone()
    if found is None or found == (None, None):
        return None
    body, stub = found
    return n - 1, digest(body) if body is not None else stub


def columns_of(body: dict[str, Any], vendor: str) -> tuple[Any, ...]:
    """What the generated columns must hold, the way ``columns`` asks this database for it."""
    get = body.get
    roles = canonical(body["roles"]) if "roles" in body else None
    return (
        _moment(body["at"], vendor) if "at" in body else None,
        get("action"),
        get("outcome"),
        get("name"),
        get("person"),
        roles,
        get("branch"),
        get("case"),
        body["subject"].get("object") if "subject" in body else None,
        body["purpose"].get("code") if "purpose" in body else None,
        get("address"),
        get("request"),
        get("kind"),
    )


def _moment(at: str, vendor: str) -> str:
    if len(at) != MOMENT_LENGTH or at[-1] != "Z":
        raise ValueError("a moment is spelled in one way")
    return f"{at[:10]} {at[11:-1]}" if vendor == "sqlite" else f"AD{at}"
