"""The triggers in the database are those that should be there; what is missing, changed or silenced is named and mended."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from apps.audit.checks import check_locks
from apps.audit.locks import install_locks, wrong_locks
from apps.audit.locks.guarded import guarded_tables
from apps.audit.locks.install import after_migrate
from apps.audit.verify import verify
from tests.audit.factories import branch, run

pytestmark = pytest.mark.usefixtures("shared_db", "mended")
ON_POSTGRESQL = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="PostgreSQL's own")
ON_SQLITE = pytest.mark.skipif("connection.vendor == 'postgresql'", reason="SQLite's own")


@pytest.fixture
def mended(shared_db: str) -> Iterator[None]:
    """Put the locks back after each test."""
    yield
    install_locks()


def drop(trigger: str, table: str):
    run(f'DROP TRIGGER "{trigger}"' + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def tripwire():
    return "audit_tripwire" if connection.vendor == "postgresql" else "audit_tripwire_accounts_branch_update"


def test_a_migrated_database_has_all_its_locks():
    assert wrong_locks() == []
    assert check_locks(databases=["default"]) == []


def test_a_missing_lock_is_named_by_check_and_verification_and_mended_by_migrate():
    branch()
    drop(tripwire(), "accounts_branch")
    (wrong,) = wrong_locks()
    assert "accounts_branch" in wrong
    (warning,) = check_locks(databases=["default"])
    assert warning.id == "audit.W001"
    report = verify()
    assert (report.intact, report.first_bad.kind, report.first_bad.event) == (False, "lock", 0)
    call_command("migrate", verbosity=0)
    assert wrong_locks() == []


@ON_SQLITE
def test_an_altered_or_foreign_trigger_is_replaced_or_dropped():
    drop("audit_event_no_update", "audit_event")
    run("CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END")
    run("CREATE TRIGGER audit_intruder AFTER INSERT ON audit_event BEGIN SELECT 1; END")
    assert wrong_locks() == ["audit_event_no_update", "audit_intruder"]
    install_locks()
    assert wrong_locks() == []


@ON_SQLITE
def test_a_dropped_table_of_debts_is_made_again():
    drop("audit_debt_stands", "")
    drop("audit_debt_fixed", "")
    run("DROP TABLE audit_debt")
    assert set(wrong_locks()) == {"audit_debt", "audit_debt_fixed", "audit_debt_stands"}
    install_locks()
    assert wrong_locks() == []


@ON_POSTGRESQL
def test_silenced_altered_and_foreign_triggers_are_named_and_mended():
    for statement in (
        "ALTER TABLE audit_event DISABLE TRIGGER audit_event_fixed",
        "ALTER TABLE audit_event ENABLE REPLICA TRIGGER audit_event_fixed",
        "ALTER TABLE audit_event ENABLE TRIGGER audit_event_fixed",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "ALTER FUNCTION audit_must_tell(text) RESET search_path",
        "ALTER FUNCTION audit_must_tell(text) SET search_path = pg_temp, public",
        "ALTER FUNCTION audit_refuse() SECURITY DEFINER",
        "CREATE TRIGGER audit_intruder AFTER INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "DROP TRIGGER audit_no_truncate ON accounts_branch",
    ):
        run(statement)
        assert len(wrong_locks()) == 1, statement
        install_locks()
        assert wrong_locks() == [], statement


def test_every_governed_table_that_exists_is_guarded():
    branch()
    assert {"accounts_branch", "accounts_person", "accounts_account_groups"} <= {one.table for one in guarded_tables()}
    links = next(one for one in guarded_tables() if one.table == "accounts_account_groups")
    assert (links.prefix, links.column) == ("accounts_account", "account_id")


def test_locks_are_installed_once_after_the_last_app():
    drop(tripwire(), "accounts_branch")
    configs = [config for config in apps.get_app_configs() if config.models_module is not None]
    after_migrate(configs[0], "default")
    after_migrate(configs[-1], "other")
    assert len(wrong_locks()) == 1
    after_migrate(configs[-1], "default")
    assert wrong_locks() == []


def test_the_check_looks_only_where_a_database_may_be_asked():
    drop(tripwire(), "accounts_branch")
    assert [check_locks(databases=databases) for databases in (None, [], ["other"])] == [[], [], []]


def test_before_the_first_migration_there_is_nothing_to_check(monkeypatch: pytest.MonkeyPatch):
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    with monkeypatch.context() as early:
        early.setattr(connection.introspection, "table_names", list)
        assert check_locks(databases=["default"]) == []
        after_migrate(last, "default")
    assert wrong_locks() == []
