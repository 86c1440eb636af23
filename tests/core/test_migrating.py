"""Tables made in one step, and squashed migrations that an older database takes for its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter

from apps.core.migrating import CreateTogether, check_whole

SQUASHED = {
    key: migration
    for key, migration in MigrationLoader(None).disk_migrations.items()
    if migration.replaces and apps.get_app_config(key[0]).name.startswith("apps.")
}


def together() -> CreateTogether:
    """Two tables of which each points at the other."""
    key = ("id", models.BigAutoField(primary_key=True))
    hen = models.ForeignKey("core.specimenhen", models.PROTECT, related_name="+")
    egg = models.ForeignKey("core.specimenegg", models.PROTECT, null=True, related_name="+")
    return CreateTogether([
        CreateModel("SpecimenEgg", [key, ("laid_by", hen)], {"indexes": [models.Index("laid_by", name="egg_by")]}),
        CreateModel("SpecimenHen", [key, ("out_of", egg), ("name", models.CharField(max_length=9, unique=True))]),
    ])  # fmt: skip


def tables() -> set[str]:
    """Names of the tables of the moment."""
    return set(connection.introspection.table_names())


def test_tables_that_point_at_each_other_are_made_at_once_and_dropped_again(committed_db: str) -> None:
    operation, before, after = together(), ProjectState(), ProjectState()
    operation.state_forwards("core", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("core", editor, before, after)
    assert tables() >= {"core_specimenegg", "core_specimenhen"}
    hen = after.apps.get_model("core", "specimenhen").objects.create(name="first")
    egg = after.apps.get_model("core", "specimenegg").objects.create(laid_by=hen)
    with connection.cursor() as cursor:
        points = connection.introspection.get_relations(cursor, "core_specimenegg")
        held = connection.introspection.get_constraints(cursor, "core_specimenegg")
    assert points["laid_by_id"][:2] == ("id", "core_specimenhen")
    assert "egg_by" in held
    egg.delete()
    hen.delete()
    with connection.schema_editor() as editor:
        operation.database_backwards("core", editor, after, before)
    assert not tables() & {"core_specimenegg", "core_specimenhen"}


def test_what_was_drawn_before_is_not_drawn_again_for_each_table() -> None:
    state = ProjectState()
    assert not list(state.apps.get_models())
    together().state_forwards("core", state)
    assert "apps" not in vars(state)
    assert {model.__name__ for model in state.apps.get_models()} == {"SpecimenEgg", "SpecimenHen"}


def test_it_stands_in_a_migration_as_it_was_written() -> None:
    written, imports = MigrationWriter.serialize(together())
    assert imports >= {"import apps.core.migrating"}
    assert written.count("migrations.CreateModel(") == 2
    assert together().describe() == "Create models SpecimenEgg, SpecimenHen"
    assert [together().references_model(name, "core") for name in ("SpecimenHen", "LoanCase")] == [True, False]


@pytest.fixture
def recorder(committed_db: str) -> MigrationRecorder:
    """A database that was migrated before the migrations were squashed, with none of them noted yet."""
    noted = MigrationRecorder(connection)
    for app, name in SQUASHED:
        noted.record_unapplied(app, name)
    return noted


def replaced() -> list[Any]:
    """The migrations that the squashed ones stand for."""
    return [key for migration in SQUASHED.values() for key in migration.replaces]


def test_a_database_from_before_has_nothing_left_to_migrate(recorder: MigrationRecorder) -> None:
    assert len(replaced()) > 60
    for key in replaced():
        recorder.record_applied(*key)
    before = tables()
    call_command("migrate", verbosity=0, interactive=False)
    assert set(recorder.applied_migrations()) >= set(SQUASHED)
    assert tables() == before
    call_command("migrate", "--check", verbosity=0)


def test_a_database_that_stopped_half_way_is_refused_and_not_guessed_at(recorder: MigrationRecorder) -> None:
    for key in replaced():
        recorder.record_applied(*key)
    assert check_whole(databases=["default"]) == []
    for app in sorted(app for app, _name in SQUASHED):
        *_all, before, last = [name for of, name in replaced() if of == app]
        recorder.record_unapplied(app, last)
        assert [each.id for each in check_whole(databases=["default"])] == ["core.E001"]
        assert check_whole() == []
        with pytest.raises(SystemCheckError, match=f"stands at {before} of {app}"):
            call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
        recorder.record_applied(app, last)


def test_each_column_that_was_once_added_is_made_now() -> None:
    added = 0
    for (app, name), migration in SQUASHED.items():
        made = {each.name_lower: dict(each.fields) for each in _creating(migration.operations)}
        for model, column in (pair for step in getattr(migration, "once_added", ()) for pair in step):
            assert column in made[model], (app, name, model, column)
            added += 1
    assert added > 30


def _creating(operations: list[Any]) -> list[CreateModel]:
    return [each for found in operations for each in getattr(found, "models", [found])]
