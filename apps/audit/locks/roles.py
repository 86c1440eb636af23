"""Three roles on PostgreSQL: who owns the tables, who runs the application, who seals.

The application may read and add to the log and no more; it owns nothing, so it can take no trigger away. What is not as it
should be is found first, so a second run finds nothing, and the owner alone can see to the tables of a new migration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.db import connection

from apps.audit.locks import postgresql
from apps.audit.locks.guarded import KEPT_TABLES, LOG_TABLES

SEALED_TABLES = frozenset(
    {"audit_leaf", "audit_node", "audit_head", "audit_signing_key", "audit_retired", "audit_stub"}
)
WRITTEN_BY_BOTH = frozenset({"audit_event", "audit_touch", "audit_mac_key", "audit_cosignature", "audit_timestamp"})
READ, ADD = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"})
CHANGE, ALL = ADD | {"UPDATE"}, ADD | {"UPDATE", "DELETE"}
RETIRES = "audit_event"
"""The sealer alone may ask that rows of it go; the trigger lets those of a retired stretch pass."""
CONNECT, USE = frozenset({"CONNECT"}), frozenset({"USAGE"})
COUNT = frozenset({"SELECT", "USAGE"})
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
PLAIN = """
SELECT rolname, rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
FROM pg_roles WHERE rolname = ANY(%s)
"""
FUNCTIONS = """
SELECT proname || '(' || oidvectortypes(proargtypes) || ')', oid::regprocedure::text, pg_get_userbyid(proowner), prosecdef
FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS (
  SELECT 1 FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'
) ORDER BY 2
"""
COLUMNS = """
SELECT relname, attname, CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END, e.privilege_type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) e
WHERE relnamespace = current_schema()::regnamespace AND NOT attisdropped AND e.grantee <> relowner ORDER BY 1, 2, 3, 4
"""
TABLE_KINDS, SEQUENCE = ("r", "p", "v", "m"), "S"


GRANTED = """
SELECT CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END, e.privilege_type
FROM ({}) s, aclexplode(s.acl) e
"""


class StrangeFunctions(Exception):
    """Functions in the schema that are none of ours: given to the owner, one could act with its rights."""


@dataclasses.dataclass(frozen=True, slots=True)
class Roles:
    """Names of the three."""

    owner: str = "loanflow_owner"
    app: str = "loanflow_app"
    sealer: str = "loanflow_sealer"


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One thing to put right: in words, and the statement that does it."""

    words: str
    sql: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Relation:
    name: str
    kind: str
    owner: str
    granted: dict[str, frozenset[str]]


def steps(roles: Roles) -> list[Step]:
    """Return what is left to do, in order; empty where all is as it should be. Raises ``StrangeFunctions``."""
    found = [*_roles(roles), *_memberships(roles), *_places(roles), *_columns(roles)]
    for relation in _relations():
        found += [*_ownership(roles, relation), *_grants(roles, relation)]
    return [*found, *_functions(roles)]


def wanted(roles: Roles, table: str, kind: str) -> dict[str, frozenset[str]]:
    """What application and sealer may do with a table or sequence."""
    is_log = table in LOG_TABLES or table in KEPT_TABLES
    if kind == SEQUENCE:
        return {roles.app: COUNT, roles.sealer: COUNT if table.startswith("audit_") else frozenset()}
    if is_log:
        by_app = READ if table in SEALED_TABLES or table in KEPT_TABLES else ADD
        by_sealer = CHANGE if table in KEPT_TABLES else ADD if table in SEALED_TABLES | WRITTEN_BY_BOTH else READ
        return {roles.app: by_app, roles.sealer: by_sealer | ({"DELETE"} if table == RETIRES else frozenset())}
    return {roles.app: READ if table == "django_migrations" else ALL, roles.sealer: frozenset()}


def _rows(statement: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def quoted(name: str) -> str:
    """A name as SQL takes it; ``PUBLIC`` is a word of SQL's own."""
    return name if name == "PUBLIC" else str(connection.ops.quote_name(name.replace('"', "")))


def _roles(roles: Roles) -> Iterator[Step]:
    present: dict[str, bool] = dict(_rows(PLAIN, _names(roles)))
    for name in _names(roles):
        verb = "ALTER" if name in present else "CREATE"
        if not present.get(name):
            words = f"role {name} made" if verb == "CREATE" else f"rights beyond signing in taken from role {name}"
            yield Step(words, f"{verb} ROLE {quoted(name)} {ATTRIBUTES}")


def _names(roles: Roles) -> list[str]:
    return [roles.owner, roles.app, roles.sealer]


def _memberships(roles: Roles) -> Iterator[Step]:
    """Application and sealer belong to no other role, and nobody to one of the three: members have its rights."""
    held = _rows(
        "SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid"
        " JOIN pg_roles m ON m.oid = a.member WHERE m.rolname = ANY(%s) OR r.rolname = ANY(%s) ORDER BY 1, 2",
        [roles.app, roles.sealer],
        _names(roles),
    )
    for role, member in held:
        yield Step(f"role {member} taken out of {role}", f"REVOKE {quoted(role)} FROM {quoted(member)}")


def _places(roles: Roles) -> Iterator[Step]:
    """The database and its schema: nobody else comes in, and nobody but the owner makes anything there."""
    [(database, holder)] = _rows(
        "SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    )
    [(schema, keeper)] = _rows(
        "SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace WHERE oid = current_schema()::regnamespace"
    )
    inside = _acl(
        "SELECT COALESCE(datacl, acldefault('d', datdba)) acl FROM pg_database WHERE datname = current_database()"
    )
    usage = _acl(
        "SELECT COALESCE(nspacl, acldefault('n', nspowner)) acl FROM pg_namespace WHERE oid = current_schema()::regnamespace"
    )
    users = (roles.app, roles.sealer)
    yield from _place(roles, f"DATABASE {quoted(database)}", holder, inside, dict.fromkeys(users, CONNECT))
    yield from _place(roles, f"SCHEMA {quoted(schema)}", keeper, usage, dict.fromkeys(users, USE))


def _place(
    roles: Roles, place: str, owner: str, held: dict[str, frozenset[str]], should: dict[str, frozenset[str]]
) -> Iterator[Step]:
    """Give a place to the owner, with whose name the rights of the owner before go too, and take it from everybody else."""
    if owner != roles.owner:
        yield Step(f"{place} given to {roles.owner}", f"ALTER {place} OWNER TO {quoted(roles.owner)}")
    others = {name: rights for name, rights in held.items() if name not in {roles.owner, owner}}
    yield from _differing(place, others, {**dict.fromkeys(others, frozenset[str]()), **should})


def _columns(roles: Roles) -> Iterator[Step]:
    """Nobody has rights on single columns."""
    for table, column, grantee, privilege in _rows(COLUMNS):
        if grantee != roles.owner:
            place = f"{privilege} ({quoted(column)}) ON TABLE {quoted(table)}"
            yield Step(f"{place} taken from {grantee}", f"REVOKE {place} FROM {quoted(grantee)}")


def _acl(source: str) -> dict[str, frozenset[str]]:
    held = _rows(GRANTED.format(source))
    found: dict[str, frozenset[str]] = {}
    for grantee, privilege in held:
        found[grantee] = found.get(grantee, frozenset()) | {privilege}
    return found


def _relations() -> list[_Relation]:
    """Tables and sequences of the schema, with owners and what they let whom do."""
    named = _rows(
        "SELECT relname, relkind::text, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relnamespace = current_schema()::regnamespace AND relkind = ANY(%s) ORDER BY relkind DESC, relname",
        [*TABLE_KINDS, SEQUENCE],
    )
    granted: dict[str, dict[str, frozenset[str]]] = {}
    for table, grantee, privilege in _rows(
        "SELECT relname, CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee) END, e.privilege_type"
        " FROM pg_class, aclexplode(relacl) e WHERE relnamespace = current_schema()::regnamespace"
    ):
        held = granted.setdefault(table, {})
        held[grantee] = held.get(grantee, frozenset()) | {privilege}
    return [_Relation(name, kind, owner, granted.get(name, {})) for name, kind, owner in named]


def _ownership(roles: Roles, relation: _Relation) -> Iterator[Step]:
    """Sequences of a column go with their table."""
    if relation.owner != roles.owner and relation.kind != SEQUENCE:
        yield Step(
            f"table {relation.name} given to {roles.owner}",
            f"ALTER TABLE {quoted(relation.name)} OWNER TO {quoted(roles.owner)}",
        )


def _grants(roles: Roles, relation: _Relation) -> Iterator[Step]:
    place = f"{'SEQUENCE' if relation.kind == SEQUENCE else 'TABLE'} {quoted(relation.name)}"
    others = {name: held for name, held in relation.granted.items() if name not in {roles.owner, relation.owner}}
    should = wanted(roles, relation.name, relation.kind)
    yield from _differing(place, others, {**dict.fromkeys(others, frozenset[str]()), **should})


def _differing(place: str, held: dict[str, frozenset[str]], should: dict[str, frozenset[str]]) -> Iterator[Step]:
    for role, rights in sorted(should.items()):
        surplus, missing = held.get(role, frozenset()) - rights, rights - held.get(role, frozenset())
        if surplus:
            listed = ", ".join(sorted(surplus))
            yield Step(f"{listed} on {place} taken from {role}", f"REVOKE {listed} ON {place} FROM {quoted(role)}")
        if missing:
            listed = ", ".join(sorted(missing))
            yield Step(f"{listed} on {place} given to {role}", f"GRANT {listed} ON {place} TO {quoted(role)}")


def _functions(roles: Roles) -> Iterator[Step]:
    """Those of the locks go to the owner, by name and types; any other is refused, as is one with its owner's rights."""
    ours, found = {postgresql.signature(name) for name in postgresql.functions()}, _rows(FUNCTIONS)
    strange = [place for signature, place, _owner, is_definer in found if signature not in ours or is_definer]
    if strange:
        raise StrangeFunctions(", ".join(strange))
    for _signature, place, owner, _is_definer in found:
        if owner != roles.owner:
            yield Step(
                f"function {place} given to {roles.owner}", f"ALTER FUNCTION {place} OWNER TO {quoted(roles.owner)}"
            )


def too_powerful() -> list[str]:
    """Say what the role of this connection may do that the application's must not; empty when all is well."""
    tables = [*LOG_TABLES, *KEPT_TABLES]
    [(is_super, sets_replication)] = _rows(
        "SELECT rolsuper, has_parameter_privilege('session_replication_role', 'SET') FROM pg_roles WHERE rolname = current_user"
    )
    owned = _rows(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s)"
        " AND pg_has_role(relowner, 'MEMBER')",
        tables,
    )
    spoiling = _rows(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s)"
        " AND (has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(oid, 'UPDATE'))",
        list(LOG_TABLES),
    )
    [(holds_database,)] = _rows(
        "SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
    )
    found = {
        "it is a superuser": is_super,
        "it owns the database, or may become its owner": holds_database,
        "it owns tables of the log, or may become their owner": owned,
        "it may change, delete from, empty or put triggers on tables of the log": spoiling,
        "it may set session_replication_role": sets_replication,
    }
    return [words for words, holds in found.items() if holds]
