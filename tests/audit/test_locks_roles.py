"""On a real server: the application's role adds to the log and does its work, and can spoil nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from apps.accounts.models import Branch
from apps.audit import checks
from apps.audit.locks.roles import Roles, quoted, steps
from apps.audit.models import AuditEvent, AuditHead, AuditRetired
from apps.audit.overview import sealing
from apps.audit.services.retiring import may_remove, stretch_agree, stretch_propose
from apps.audit.services.sealing import has_due
from apps.audit.verify import verify
from apps.core import clock
from tests import databases
from tests.audit.factories import branch, rename, run
from tests.audit.retiring.stretches import OLD, reader
from tests.audit.sealing import seal, seal_all

postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="roles are PostgreSQL's")


def said(**options: Any) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("harden_database", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def roles(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Roles]:
    """A hardened copy of the database; its roles are gone afterwards."""
    if connection.vendor != "postgresql":
        pytest.skip("roles are PostgreSQL's")
    mark = uuid4().hex[:8]
    made = Roles(*(f"lf_{name}_{mark}" for name in ("owner", "app", "sealer")))
    with django_db_blocker.unblock():
        with databases.copied("roles"):
            dry = said(dry_run=True, **named(made))
            assert f'CREATE ROLE "{made.app}"' in dry
            assert len(steps(made)) == dry.count(";\n")  # nothing was done
            words = said(**named(made))
            assert f"role {made.owner} made." in words
            assert "things put right." in words
            yield made
        for name in (made.owner, made.app, made.sealer):
            run(f"DROP ROLE {quoted(name)}")


def named(roles: Roles) -> dict[str, str]:
    return {"owner": roles.owner, "app": roles.app, "sealer": roles.sealer}


@contextmanager
def signed_in(role: str) -> Iterator[None]:
    """Work through connections of another role."""
    before = connection.settings_dict["USER"]
    connections.close_all()
    connection.settings_dict["USER"] = connections.settings["default"]["USER"] = role
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["USER"] = connections.settings["default"]["USER"] = before


@postgresql
def test_a_second_run_finds_nothing(roles: Roles) -> None:
    assert said(**named(roles)) == "Nothing to do: roles and grants are as they should be.\n"
    assert said(dry_run=True, **named(roles)) == "-- nothing to do\n"


SPOILING = {
    "update": "UPDATE audit_event SET body = '{{}}'",
    "delete": "DELETE FROM audit_event",
    "truncate": "TRUNCATE audit_event",
    "replace": "INSERT INTO audit_event (id, body, mac_key, mac) SELECT id, body, mac_key, mac FROM audit_event"
    " ON CONFLICT (id) DO UPDATE SET body = '{{}}'",
    "touch": "INSERT INTO audit_touch (event_id, txid, object, n, op) VALUES (1, 1, 'x:1', 9, 'create')",
    "disable trigger": "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "disable tripwire": "ALTER TABLE accounts_branch DISABLE TRIGGER audit_tripwire",
    "drop trigger": "DROP TRIGGER audit_tripwire ON accounts_branch",
    "replace function": "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "own trigger": "CREATE TRIGGER mine BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "session_replication_role": "SET session_replication_role = replica",
    "become the owner": "SET ROLE {owner}",
    "drop table": "DROP TABLE audit_event",
    "new table": "CREATE TABLE mine (id int)",
    "temporary table": "CREATE TEMPORARY TABLE audit_touch (id int)",
    "leaf": "INSERT INTO audit_leaf (id, event_id, hash) VALUES (99, 99, '')",
    "head": "DELETE FROM audit_head",
    "map": "UPDATE audit_object SET n = 9",
    "silent write": "UPDATE accounts_branch SET name = 'x'",
    "truncate rows": "TRUNCATE accounts_branch CASCADE",
    "migrations": "DELETE FROM django_migrations",
    "grant": "GRANT ALL ON audit_event TO {app}",
}


@postgresql
def test_the_application_spoils_nothing_and_does_its_work(roles: Roles) -> None:
    with signed_in(roles.app):
        row = branch()
        for way, statement in SPOILING.items():
            before = AuditEvent.objects.count()
            with pytest.raises(DatabaseError) if way != "grant" else quiet():
                run(statement.format(owner=quoted(roles.owner), app=quoted(roles.app)))
            assert AuditEvent.objects.count() == before, way
        with pytest.raises(DatabaseError):
            run("DELETE FROM audit_event")  # the grant of before gave nothing
        rename(row, "Two")
        assert Branch.objects.get(pk=row.pk).name == "Two"
        assert verify().intact
        assert checks.check_role() == []


@contextmanager
def quiet() -> Iterator[None]:
    """PostgreSQL answers a grant that one may not give with a warning, and gives nothing."""
    yield


@postgresql
def test_the_sealer_seals_and_nobody_else(roles: Roles) -> None:
    with signed_in(roles.app):
        branch()
        assert not has_due()
        with pytest.raises(ProgrammingError, match="permission denied"):
            seal()
    with signed_in(roles.sealer):
        assert has_due()
        seal()
        assert AuditHead.objects.exists()
        assert sealing().waiting == 0
        for statement in (
            "UPDATE accounts_branch SET name = 'x'",
            "SELECT name FROM accounts_person",
            SPOILING["delete"],
        ):
            with pytest.raises(DatabaseError):
                run(statement)
    assert verify().intact


@postgresql
def test_the_owner_sees_to_a_new_table_by_itself_and_migrates(roles: Roles) -> None:
    with signed_in(roles.owner):
        run("CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)")
        words = said(**named(roles))
        assert f'on TABLE "later" given to {roles.app}' in words
        call_command("migrate", verbosity=0, interactive=False)
        assert "audit.E001" in {found.id for found in checks.check_role()}
    with signed_in(roles.app):
        run("INSERT INTO later DEFAULT VALUES")
    run("DROP TABLE later")


@postgresql
def test_what_was_loosened_is_put_right(roles: Roles) -> None:
    run(f"GRANT {quoted(roles.owner)} TO {quoted(roles.app)}")
    run(f"GRANT UPDATE ON audit_event TO {quoted(roles.app)}, PUBLIC")
    run(f"ALTER ROLE {quoted(roles.app)} CREATEROLE")
    run("GRANT CREATE ON SCHEMA public TO PUBLIC")
    run("ALTER FUNCTION audit_refuse() OWNER TO CURRENT_USER")
    run("ALTER TABLE accounts_branch OWNER TO CURRENT_USER")
    with signed_in(roles.app):
        assert [found.id for found in checks.check_role()] == ["audit.E001"] * 3
    words = said(**named(roles))
    assert f"role {roles.app} taken out of {roles.owner}" in words
    assert 'UPDATE on TABLE "audit_event" taken from PUBLIC' in words
    assert re.search(r"function audit_refuse\(\) given to", words)
    assert steps(roles) == []


@postgresql
def test_rights_of_roles_that_nobody_knows_are_taken_too(roles: Roles) -> None:
    """A fourth role has what it should not have, in every place that a right can be given."""
    fourth, database = quoted(roles.app + "_4"), quoted(databases.current())
    run(f"CREATE ROLE {fourth}")
    run(f"GRANT {quoted(roles.owner)}, {quoted(roles.sealer)}, {quoted(roles.app)} TO {fourth}")
    run(f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {database} TO {fourth}")
    run(f"GRANT CREATE, USAGE ON SCHEMA public TO {fourth}")
    run(f"GRANT UPDATE (body) ON audit_event TO {fourth}, {quoted(roles.app)}")
    run("GRANT SELECT (name) ON accounts_person TO PUBLIC")
    with signed_in(roles.app):
        assert [found.id for found in checks.check_role()] == ["audit.E001"]
    said(**named(roles))
    assert steps(roles) == []
    run(f"DROP ROLE {fourth}")  # refused while it holds anything
    with signed_in(roles.app):
        assert checks.check_role() == []


@postgresql
def test_an_application_that_owns_database_schema_and_tables_ends_with_its_rights_alone(roles: Roles) -> None:
    app, database = quoted(roles.app), quoted(databases.current())
    run(f"ALTER DATABASE {database} OWNER TO {app}")
    run(f"ALTER SCHEMA public OWNER TO {app}")
    run(f"ALTER TABLE audit_event OWNER TO {app}")
    with signed_in(roles.app):
        run(f"GRANT TEMPORARY ON DATABASE {database} TO {app}")
        assert {found.id for found in checks.check_role()} == {"audit.E001"}
    said(**named(roles))
    assert steps(roles) == []
    with signed_in(roles.app):
        assert checks.check_role() == []
        with pytest.raises(ProgrammingError, match="permission denied"):
            run("CREATE TEMPORARY TABLE audit_touch (id int)")
        branch()


@postgresql
@pytest.mark.parametrize(
    "declared",
    [
        "audit_x() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "audit_refuse(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "elsewhere() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_a_function_that_was_planted_is_refused_and_not_given_to_the_owner(roles: Roles, declared: str) -> None:
    run(f"CREATE FUNCTION {declared}")
    try:
        with pytest.raises(CommandError, match=re.escape(declared.split("(")[0])):
            said(**named(roles))
    finally:
        run(f"DROP FUNCTION {declared.split(' ')[0].replace('int', 'integer')}")
    assert steps(roles) == []


@postgresql
def test_a_lock_with_its_owners_rights_is_refused(roles: Roles) -> None:
    run("ALTER FUNCTION audit_refuse() SECURITY DEFINER")
    with pytest.raises(CommandError, match="audit_refuse"):
        said(**named(roles))
    run("ALTER FUNCTION audit_refuse() SECURITY INVOKER")
    assert steps(roles) == []


@postgresql
def test_a_table_of_the_session_stands_in_for_none_of_the_logs(roles: Roles) -> None:
    """Whoever may make temporary tables writes there what an event would have told: the locks do not look."""
    row = branch()
    with transaction.atomic():
        run("CREATE TEMPORARY TABLE audit_touch (LIKE public.audit_touch) ON COMMIT DROP")
        run(
            "INSERT INTO pg_temp.audit_touch (id, event_id, txid, object, n, op)"
            f" VALUES (1, 1000000, txid_current(), 'accounts_branch:{row.pk}', 9, 'update')"
        )
        run("UPDATE accounts_branch SET name = 'x'")
        with pytest.raises(DatabaseError, match="no audit event of this transaction"), transaction.atomic():
            run("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@postgresql
def test_a_role_that_may_not_harden_is_told_what_to_do(roles: Roles) -> None:
    with signed_in(roles.app), pytest.raises(CommandError, match="superuser"):
        said(owner="nobody_here", app=roles.app, sealer=roles.sealer)
    assert steps(roles) == []


@postgresql
def test_a_superuser_is_refused_by_the_deployment_check(roles: Roles) -> None:
    words = [found.msg for found in checks.check_role()]
    assert any("superuser" in each for each in words)


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="SQLite says that it has no roles")
def test_sqlite_says_in_one_sentence_that_it_has_no_roles() -> None:
    words = said().strip()
    assert words.startswith("SQLite has no roles")
    assert words.count(".") == 1
    assert checks.check_role() == []


def test_a_database_that_is_away_is_said_so() -> None:
    with (
        patch.object(connection, "vendor", "postgresql"),
        patch.object(checks, "log_exists", side_effect=DatabaseError),
    ):
        assert [found.id for found in checks.check_role()] == ["audit.W002"]


@postgresql
def test_the_sealer_alone_lets_a_stretch_retire(roles: Roles, tmp_path: Path, settings: Any) -> None:
    settings.LOANFLOW_LOG_ARCHIVE = tmp_path
    with signed_in(roles.sealer):
        seal_all()
    start = AuditHead.objects.latest("pk").pk
    with signed_in(roles.app), clock.at(timezone.now() - OLD):
        branch()
    with signed_in(roles.sealer):
        seal_all()
    stop = AuditHead.objects.latest("pk").pk
    with signed_in(roles.app), patch("apps.audit.services.retiring.refuse_kept"):
        proposed = stretch_propose(actor=reader(3), start=start, stop=stop, words="x")
        stretch_agree(actor=reader(4), asked=proposed.pk)
        assert not may_remove()
        with pytest.raises(CommandError, match="sealer"):
            call_command("audit_retire")
        with pytest.raises(ProgrammingError, match="permission denied"):
            run("DELETE FROM audit_event")
    with signed_in(roles.sealer):
        seal_all()
        with pytest.raises(DatabaseError, match="append-only"):
            run("DELETE FROM audit_event")
        call_command("audit_retire")
    assert AuditRetired.objects.get().stop == stop
    assert verify().intact
