"""Migration steps that put an encrypted column in the place of a clear one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation

from apps.vault.fields.base import EncryptedField


class HeldInClear(RuntimeError):
    """A database holds texts in clear that a migration would have to drop."""


def sealed_column(app: str, model: str, name: str, field: EncryptedField) -> list[Operation]:
    """Return the steps that replace a clear column; they refuse a table that holds any text in it, and lose none.

    Keys and owners belong to the running application, not to a migration: a database from before is exported and taken in
    anew (docs/decisions/0018).
    """
    return [
        migrations.RunPython(_refusal(app, model, name), migrations.RunPython.noop),
        migrations.RemoveField(model, name),
        migrations.AddField(model, name, field, preserve_default=bool(field.blank)),
    ]


def _refusal(app: str, model: str, name: str) -> Callable[[Any, Any], None]:
    def refuse(apps: Any, schema_editor: Any) -> None:
        rows = apps.get_model(app, model)._default_manager.using(schema_editor.connection.alias)
        if rows.exclude(**{f"{name}__in": ["", []]}).exists():
            raise HeldInClear(
                f"{app}.{model}.{name} holds texts in clear, from a version before they were encrypted. Nothing was "
                "changed. Move the data folder (var/) or the database aside and start anew; see docs/decisions/0018."
            )

    return refuse
