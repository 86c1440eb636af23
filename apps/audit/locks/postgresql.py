"""Triggers on PostgreSQL, all ENABLE ALWAYS so that ``session_replication_role`` does not silence them.

Each governed table has a constraint trigger that looks, at COMMIT, for an event of this very transaction that tells of the
row, and one that refuses TRUNCATE, which fires no row trigger. Deferred triggers fire in the order of what queued them, and
events queue one too, which notes how far the log has been passed: an event pays for what was written before it only.
"""

from __future__ import annotations

import dataclasses

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

ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 1, 2, 4, 8, 16, 32
VERBS = {INSERT: "INSERT", UPDATE: "UPDATE", DELETE: "DELETE", TRUNCATE: "TRUNCATE"}
REFUSED = "integrity_constraint_violation"
_NEVER = ", ".join(f"'{action}'" for action in NEVER_RETIRED)
_TOLD = f"""
    SELECT 1 FROM audit_event e WHERE e.id = NEW.event AND e.txid = txid_current() AND e.action = '{RETIRED_BY}'
    AND e.outcome = 'done' AND (e.body::json #>> '{{note,from}}')::bigint = NEW.id
    AND (e.body::json #>> '{{note,to}}')::bigint = NEW.stop
"""  # noqa: S608  # nosec B608

FUNCTIONS = {
    "audit_refuse": f"""
BEGIN RAISE EXCEPTION '{APPEND_ONLY} (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '{REFUSED}'; END
""",
    "audit_refuse_truncate": f"""
BEGIN RAISE EXCEPTION 'no audit event can tell of a TRUNCATE of %', TG_TABLE_NAME USING ERRCODE = '{REFUSED}'; END
""",
    "audit_event_stamp": """
BEGIN NEW.txid := txid_current(); RETURN NEW; END
""",
    "audit_event_recorded": """
BEGIN
  INSERT INTO audit_touch (event_id, txid, object, n, op)
  SELECT NEW.id, NEW.txid, t ->> 'object', (t ->> 'n')::bigint, t ->> 'op'
  FROM json_array_elements(NEW.body::json -> 'touched') t;
  RETURN NULL;
END
""",
    "audit_event_passed": """
BEGIN PERFORM set_config('audit.passed', NEW.id::text, true); RETURN NULL; END
""",
    "audit_touch_derived": f"""
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION '{APPEND_ONLY} (% is filled by its trigger)', TG_TABLE_NAME USING ERRCODE = '{REFUSED}';
  END IF;
  RETURN NEW;
END
""",
    "audit_event_retires": f"""
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM audit_stub s JOIN audit_retired r ON r.id = s.stretch JOIN audit_event e ON e.id = r.event
    JOIN audit_leaf l ON l.event_id = s.id AND l.id >= r.id AND l.id < r.stop
    WHERE s.id = OLD.id AND s.digest = encode(sha256(convert_to(OLD.body, 'UTF8')), 'hex') AND e.txid = txid_current()
    AND OLD.at < now() - interval '{ONLINE_MONTHS} months' AND OLD.action NOT IN ({_NEVER})
  ) THEN
    RAISE EXCEPTION '{APPEND_ONLY} (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '{REFUSED}';
  END IF;
  RETURN OLD;
END
""",  # noqa: S608  # nosec B608
    "audit_retired_told": f"""
BEGIN
  IF NEW.stop <= NEW.id OR EXISTS (SELECT 1 FROM audit_retired WHERE id < NEW.stop AND stop > NEW.id)
  OR NOT EXISTS ({_TOLD}) THEN
    RAISE EXCEPTION 'no audit event of this transaction tells that this stretch retires' USING ERRCODE = '{REFUSED}';
  END IF;
  RETURN NEW;
END
""",  # noqa: S608  # nosec B608
    "audit_stub_told": f"""
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM audit_retired r JOIN audit_event e ON e.id = r.event
    WHERE r.id = NEW.stretch AND e.txid = txid_current()
  ) THEN
    RAISE EXCEPTION 'no stretch that retires in this transaction has this event' USING ERRCODE = '{REFUSED}';
  END IF;
  RETURN NEW;
END
""",  # noqa: S608  # nosec B608
    "audit_must_tell": """
DECLARE last record;
BEGIN
  SELECT txid, event_id INTO last FROM audit_touch WHERE object = touched AND op <> 'name' ORDER BY n DESC LIMIT 1;
  IF last.txid IS DISTINCT FROM txid_current() THEN
    RAISE EXCEPTION 'no audit event of this transaction tells of %', touched
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF last.event_id <= COALESCE(NULLIF(current_setting('audit.passed', true), ''), '0')::bigint THEN
    RAISE EXCEPTION '% was written after the last audit event of this transaction that tells of it', touched
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END
""",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger as ``pg_trigger`` knows it."""

    table: str
    name: str
    function: str
    type: int
    deferred: bool = False
    argument: str = ""

    def sql(self) -> str:
        """Return the statements that create it."""
        verbs = " OR ".join(word for bit, word in VERBS.items() if self.type & bit)
        when = "BEFORE" if self.type & BEFORE else "AFTER"
        constraint, deferrable = ("CONSTRAINT ", "DEFERRABLE INITIALLY DEFERRED ") if self.deferred else ("", "")
        each = "ROW" if self.type & ROW else "STATEMENT"
        argument = f"'{self.argument}'" if self.argument else ""
        return (
            f'CREATE {constraint}TRIGGER "{self.name}" {when} {verbs} ON "{self.table}" {deferrable}'
            f"FOR EACH {each} EXECUTE FUNCTION {self.function}({argument});"
            f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER "{self.name}"'
        )


def functions() -> dict[str, str]:
    """Return every function's source by name, as it should be."""
    columns = {(guarded.column, guarded.is_uuid) for guarded in guarded_tables()}
    return FUNCTIONS | {_tripwire_name(*column): _tripwire(*column) for column in columns}


def _tripwire_name(column: str, is_uuid: bool) -> str:
    return f"audit_tripwire_{'uuid_' if is_uuid else ''}{column}"


def _tripwire(column: str, is_uuid: bool) -> str:
    new, old = (
        (f"replace({side}.\"{column}\"::text, '-', '')" if is_uuid else f'{side}."{column}"') for side in ("NEW", "OLD")
    )
    return f"""
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM audit_must_tell(TG_ARGV[0] || ':' || {old}); END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW."{column}" <> OLD."{column}") THEN
    PERFORM audit_must_tell(TG_ARGV[0] || ':' || {new});
  END IF;
  RETURN NULL;
END
"""


def triggers() -> list[Trigger]:
    """Return every trigger, as it should be."""
    refused = dict.fromkeys(LOG_TABLES, UPDATE | DELETE) | dict.fromkeys(KEPT_TABLES, DELETE) | {"audit_event": UPDATE}
    log = [
        trigger
        for table, verbs in refused.items()
        for trigger in (
            Trigger(table, f"{table}_fixed", "audit_refuse", ROW | BEFORE | verbs),
            Trigger(table, f"{table}_no_truncate", "audit_refuse", BEFORE | TRUNCATE),
        )
    ]
    log += [
        Trigger("audit_event", "audit_event_stamp", "audit_event_stamp", ROW | BEFORE | INSERT),
        Trigger("audit_event", "audit_event_recorded", "audit_event_recorded", ROW | INSERT),
        Trigger("audit_event", "audit_event_passed", "audit_event_passed", ROW | INSERT, True),
        Trigger("audit_event", "audit_event_retires", "audit_event_retires", ROW | BEFORE | DELETE),
        Trigger("audit_retired", "audit_retired_told", "audit_retired_told", ROW | BEFORE | INSERT),
        Trigger("audit_stub", "audit_stub_told", "audit_stub_told", ROW | BEFORE | INSERT),
        Trigger("audit_touch", "audit_touch_derived", "audit_touch_derived", ROW | BEFORE | INSERT),
    ]
    return log + [trigger for guarded in guarded_tables() for trigger in _guards(guarded)]


def _guards(guarded: Guarded) -> tuple[Trigger, Trigger]:
    function = _tripwire_name(guarded.column, guarded.is_uuid)
    return (
        Trigger(guarded.table, "audit_tripwire", function, ROW | INSERT | UPDATE | DELETE, True, guarded.prefix),
        Trigger(guarded.table, "audit_no_truncate", "audit_refuse_truncate", BEFORE | TRUNCATE),
    )


def _installed_triggers() -> dict[tuple[str, str], tuple[Trigger, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, p.proname, t.tgtype, t.tgdeferrable AND t.tginitdeferred,"
            " encode(t.tgargs, 'escape'), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgname LIKE 'audit\\_%'"
            " AND c.relnamespace = current_schema()::regnamespace"
        )
        rows = cursor.fetchall()
    return {
        (table, name): (Trigger(table, name, function, kind, deferred, argument.removesuffix(r"\000")), enabled)
        for table, name, function, kind, deferred, argument, enabled in rows
    }


def _installed_functions() -> dict[str, str]:
    """Sources by signature of those that look names up where they should, with the caller's rights."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname || '(' || oidvectortypes(proargtypes) || ')', prosrc FROM pg_proc WHERE NOT prosecdef"
            " AND proconfig = ARRAY['search_path=' || quote_ident(current_schema()) || ', pg_temp']"
            " AND pronamespace = current_schema()::regnamespace"
        )
        return dict(cursor.fetchall())


def signature(name: str) -> str:
    """A function's name with the types it takes, as ``pg_proc`` spells them."""
    return f"{name}(text)" if name == "audit_must_tell" else f"{name}()"


def _declared(name: str, schema: str) -> str:
    """What stands between a function's name and its source; names are the schema's before a session's own."""
    takes = "(touched text) RETURNS void" if name == "audit_must_tell" else "() RETURNS trigger"
    return f"{takes} LANGUAGE plpgsql SECURITY INVOKER SET search_path = {schema}, pg_temp"


def install() -> None:
    """Create what is missing, replace what differs, drop what should not be there."""
    sources, present = _installed_functions(), _installed_triggers()
    wanted = {(trigger.table, trigger.name): trigger for trigger in triggers()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [(schema,)] = cursor.fetchall()
        for name, source in functions().items():
            if sources.get(signature(name)) != source:
                cursor.execute(f"CREATE OR REPLACE FUNCTION {name}{_declared(name, schema)} AS $audit${source}$audit$")
        for (table, name), found in present.items():
            if found != (wanted.get((table, name)), "A"):
                cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
        for key, trigger in wanted.items():
            if present.get(key) != (trigger, "A"):
                cursor.execute(trigger.sql())


def wrong() -> list[str]:
    """Name what is missing, altered, silenced or too much."""
    sources, present = _installed_functions(), _installed_triggers()
    wanted = {(trigger.table, trigger.name): (trigger, "A") for trigger in triggers()}
    names = [
        f"{table}.{name}"
        for table, name in present.keys() | wanted.keys()
        if present.get((table, name)) != wanted.get((table, name))
    ]
    return sorted(
        names + [f"{name}()" for name, source in functions().items() if sources.get(signature(name)) != source]
    )
