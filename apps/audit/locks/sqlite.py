"""Triggers on SQLite.

A write to a governed table leaves a debt whose foreign key, checked at COMMIT, points into a table that no row can enter;
the event clears the debts of the objects its body tells of. A debt can't be deleted without an event that came after it.
"""

from __future__ import annotations

from django.db import connection

from apps.audit.locks.guarded import (
    APPEND_ONLY,
    KEPT_TABLES,
    LOG_TABLES,
    NEVER_RETIRED,
    ONLINE_MONTHS,
    RETIRED_BY,
    Guarded,
    guarded_tables,
)

TABLES = {
    "audit_nothing": "CREATE TABLE audit_nothing (id INTEGER PRIMARY KEY CHECK (0))",
    "audit_debt": (
        "CREATE TABLE audit_debt (object TEXT PRIMARY KEY, since INTEGER NOT NULL, owed INTEGER NOT NULL DEFAULT 1"
        " REFERENCES audit_nothing (id) DEFERRABLE INITIALLY DEFERRED) WITHOUT ROWID"
    ),
    "audit_gate": (
        "CREATE TABLE audit_gate (stretch INTEGER PRIMARY KEY, open INTEGER NOT NULL DEFAULT 1"
        " REFERENCES audit_nothing (id) DEFERRABLE INITIALLY DEFERRED)"
    ),
}
"""A gate stands open while a stretch retires; no transaction can be committed while one does."""

RECORDED = """CREATE TRIGGER audit_event_recorded AFTER INSERT ON audit_event BEGIN
INSERT INTO audit_touch (event_id, txid, object, n, op)
SELECT NEW.id, NEW.txid, json_extract(value, '$.object'), json_extract(value, '$.n'), json_extract(value, '$.op')
FROM json_each(NEW.body, '$.touched');
DELETE FROM audit_debt WHERE object IN (SELECT json_extract(value, '$.object')
FROM json_each(NEW.body, '$.touched') WHERE json_extract(value, '$.op') <> 'name'); END"""

REFUSE = f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"

NO_REPLACE = """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}"""

DEBT = """INSERT OR IGNORE INTO audit_debt (object, since)
VALUES ('{prefix}:' || {side}."{column}", (SELECT COALESCE(MAX(id), 0) FROM audit_event));"""

DEBT_STANDS = """CREATE TRIGGER audit_debt_stands BEFORE DELETE ON audit_debt
WHEN NOT EXISTS (SELECT 1 FROM audit_touch WHERE object = OLD.object AND event_id > OLD.since AND op <> 'name')
BEGIN SELECT RAISE(ABORT, 'the audit debt of an object is cleared by its event alone'); END"""

DEBT_FIXED = """CREATE TRIGGER audit_debt_fixed BEFORE UPDATE ON audit_debt
BEGIN SELECT RAISE(ABORT, 'the audit debt of an object is cleared by its event alone'); END"""


_NEVER = ", ".join(f"'{action}'" for action in NEVER_RETIRED)
RETIRING = {
    "audit_event_no_delete": f"""CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event WHEN NOT EXISTS (
SELECT 1 FROM audit_gate g JOIN audit_retired r ON r.id = g.stretch JOIN audit_stub s ON s.stretch = r.id
JOIN audit_leaf l ON l.event_id = s.id AND l.id >= r.id AND l.id < r.stop
WHERE s.id = OLD.id AND s.digest = SHA256(OLD.body) AND OLD.at < datetime('now', '-{ONLINE_MONTHS} months')
AND OLD.action NOT IN ({_NEVER})) {REFUSE}""",  # noqa: S608  # nosec B608
    "audit_retired_told": f"""CREATE TRIGGER audit_retired_told BEFORE INSERT ON audit_retired
WHEN NEW.stop <= NEW.id OR EXISTS (SELECT 1 FROM audit_retired WHERE id < NEW.stop AND stop > NEW.id) OR NOT EXISTS (
SELECT 1 FROM audit_event e WHERE e.id = NEW.event AND e.id = (SELECT MAX(id) FROM audit_event)
AND e.action = '{RETIRED_BY}' AND e.outcome = 'done' AND json_extract(e.body, '$.note.from') = NEW.id
AND json_extract(e.body, '$.note.to') = NEW.stop)
BEGIN SELECT RAISE(ABORT, 'no audit event of this transaction tells that this stretch retires'); END""",  # noqa: S608  # nosec B608
    "audit_retired_opens": """CREATE TRIGGER audit_retired_opens AFTER INSERT ON audit_retired
BEGIN INSERT INTO audit_gate (stretch) VALUES (NEW.id); END""",
    "audit_stub_told": """CREATE TRIGGER audit_stub_told BEFORE INSERT ON audit_stub
WHEN NOT EXISTS (SELECT 1 FROM audit_gate WHERE stretch = NEW.stretch)
BEGIN SELECT RAISE(ABORT, 'no stretch that retires in this transaction has this event'); END""",
    "audit_gate_whole": """CREATE TRIGGER audit_gate_whole BEFORE DELETE ON audit_gate
WHEN EXISTS (SELECT 1 FROM audit_stub s JOIN audit_event e ON e.id = s.id WHERE s.stretch = OLD.stretch)
BEGIN SELECT RAISE(ABORT, 'the events of a stretch that retires go whole'); END""",
    "audit_gate_fixed": """CREATE TRIGGER audit_gate_fixed BEFORE UPDATE ON audit_gate
BEGIN SELECT RAISE(ABORT, 'the gate of a stretch that retires stays as it is'); END""",
}


def expected() -> dict[str, str]:
    """Return every trigger by name, as it should be."""
    triggers = {"audit_event_recorded": RECORDED, "audit_debt_stands": DEBT_STANDS, "audit_debt_fixed": DEBT_FIXED}
    for table in LOG_TABLES:
        triggers |= _append_only(table)
    for table in KEPT_TABLES:
        triggers |= {f"{table}_no_delete": _no_delete(table)}
    triggers |= RETIRING
    for guarded in guarded_tables():
        triggers |= _tripwires(guarded)
    return triggers


def _append_only(table: str) -> dict[str, str]:
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {REFUSE}",
        f"{table}_no_delete": _no_delete(table),
        # else INSERT OR REPLACE walks in
        f"{table}_no_replace": NO_REPLACE.replace("{table}", table).replace("{refuse}", REFUSE),
    }


def _no_delete(table: str) -> str:
    return f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {REFUSE}"


def _tripwires(guarded: Guarded) -> dict[str, str]:
    sides = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}
    return {
        name: f'CREATE TRIGGER "{name}" AFTER {verb.upper()} ON "{guarded.table}" BEGIN '
        + " ".join(_debt(guarded, side) for side in rows)
        + " END"
        for verb, rows in sides.items()
        for name in [f"audit_tripwire_{guarded.table}_{verb}"]
    }


def _debt(guarded: Guarded, side: str) -> str:
    return DEBT.format(prefix=guarded.prefix, side=side, column=guarded.column)


def installed() -> dict[str, str]:
    """Return the triggers and tables of ours that the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE name LIKE 'audit\\_%' ESCAPE '\\' AND sql IS NOT NULL"
        )
        found = dict(cursor.fetchall())
    names = expected().keys() | TABLES.keys()
    return {name: sql for name, sql in found.items() if name in names or sql.startswith("CREATE TRIGGER")}


def install() -> None:
    """Create what is missing, replace what differs, drop what should not be there."""
    present, wanted = installed(), expected()
    with connection.cursor() as cursor:
        for name, sql in TABLES.items():
            if name not in present:
                cursor.execute(sql)
        for name in present.keys() - TABLES.keys():
            if present[name] != wanted.get(name):
                cursor.execute(f'DROP TRIGGER "{name}"')
        for name, sql in wanted.items():
            if present.get(name) != sql:
                cursor.execute(sql)


def wrong() -> list[str]:
    """Name what is missing, altered or too much."""
    present, wanted = installed(), expected() | TABLES
    return sorted(name for name in present.keys() | wanted.keys() if present.get(name) != wanted.get(name))
