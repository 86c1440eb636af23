"""What migrations are made of besides Django's own operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.utils.translation import gettext as _


def check_whole(databases: Iterable[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Tell Django's system check of a database that stopped among migrations which are one by now: Django would pass their app by."""
    if databases is None or DEFAULT_DB_ALIAS not in databases:
        return []
    loader = MigrationLoader(None)
    applied = set(MigrationRecorder(connections[DEFAULT_DB_ALIAS]).applied_migrations())
    found: list[CheckMessage] = []
    for key, migration in loader.disk_migrations.items():
        done = applied.intersection(migration.replaces)
        if key not in applied and done and len(done) < len(migration.replaces):
            last = max(name for _app, name in done)
            found.append(Error(
                _("The database stands at %(last)s of %(app)s, in the middle of what %(whole)s does at once.")
                % {"last": last, "app": key[0], "whole": key[1]},
                hint=_("Migrate it to the end with the version that it is from, then with this one."), id="core.E001",
            ))  # fmt: skip
    return found


class CreateTogether(Operation):
    """Makes several tables in one step.

    Django draws all models that hang together anew for each table that points at others: a hundred tables take longer to draw than
    to make. Here they are known together first, and drawn once, when the first of them is made.
    """

    serialization_expand_args = ["models"]

    def __init__(self, models: Iterable[CreateModel]) -> None:
        self.models = list(models)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Describe the operation for a migration's file."""
        return type(self).__qualname__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Let the models be known; what was drawn before is drawn anew when somebody asks."""
        vars(state).pop("apps", None)
        for each in self.models:
            each.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make the tables, in the order in which they stand."""
        for each in self.models:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the tables, those that point at others first."""
        for each in reversed(self.models):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        """Tell whether any of the tables is, or points at, a model."""
        return any(each.references_model(name, app_label) for each in self.models)

    def describe(self) -> str:
        """Words for who plans a migration."""
        return f"Create models {', '.join(each.name for each in self.models)}"
