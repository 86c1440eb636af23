"""Digests that an untouched row may have besides the obvious one.

The image of a row changes without anybody writing it when a migration adds a column, and when the owner of what it hides
gets a new key. Both are tried before a row is called edited, so that no migration makes a night of false alarms.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

from apps.audit.canonical import JSON, canonical, digest, plain
from apps.audit.governed import hidden_fields
from apps.audit.images import columns
from apps.core.migrating import CreateTogether
from apps.vault.models.keys import KeyUse
from apps.vault.secret import Secret


def images(row: Model) -> Iterator[str]:
    """Digests of the row as it stands, as it would stand without columns added since, and under its owner's earlier keys."""
    for held in _under_each_key(row):
        yield digest(canonical(held))
        for added in _additions(type(row)):
            if not all(_is_as_added(held.get(name), default) for name, default in added.items()):
                break
            held = {name: value for name, value in held.items() if name not in added}
            yield digest(canonical(held))


def is_forgotten(row: Model) -> bool:
    """Tell whether what the row hides can no longer be committed to: its owner's keys are destroyed."""
    names = {str(row._meta.get_field(name).column): name for name in hidden_fields(type(row))}  # type: ignore[union-attr]
    held = columns(row) if names else {}
    return any(held[column] is None and getattr(row, name) for column, name in names.items())


def _under_each_key(row: Any) -> Iterator[dict[str, JSON]]:
    yield columns(row)
    owner = getattr(row, "key_owner", None) if hidden_fields(type(row)) else None
    if owner is not None:
        for cipher in owner.keys.filter(use=KeyUse.DATA, destroyed_at=None).unwrapped():
            yield columns(row, cipher.material)


def _is_as_added(value: JSON, default: JSON) -> bool:
    return value in (None, "") or value == default


@functools.cache
def _all_additions() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Fields added to each model after the migration that made it, newest migration first."""
    graph, made, added = MigrationLoader(connection).graph, set(), {}  # type: ignore[var-annotated]
    for node in dict.fromkeys(key for leaf in sorted(graph.leaf_nodes()) for key in graph.forwards_plan(leaf)):
        fresh: set[tuple[str, str]] = set()
        for operation in _operations(graph.nodes[node]):
            if isinstance(operation, CreateModel):
                fresh.add((node[0], operation.name_lower))
            elif isinstance(operation, AddField) and (node[0], operation.model_name_lower) in made:
                steps = added.setdefault((node[0], operation.model_name_lower), {})
                steps.setdefault(node, {})[operation.name] = operation.field
        for model, step in _once_added(graph.nodes[node]):
            added.setdefault((node[0], model), {})[node, *step] = step
        made |= fresh
    return {model: list(reversed(steps.values())) for model, steps in added.items()}


def _operations(migration: Any) -> Iterator[Operation]:
    for operation in migration.operations:
        yield from operation.models if isinstance(operation, CreateTogether) else [operation]


def _once_added(migration: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Columns that a squashed migration makes at once and that were added one after the other: model and fields, oldest first."""
    made = {each.name_lower: dict(each.fields) for each in _operations(migration) if isinstance(each, CreateModel)}
    for names in getattr(migration, "once_added", ()):
        for model in dict.fromkeys(model for model, _name in names):
            yield model, {name: made[model][name] for of, name in names if of == model}


def _additions(model: type[Model]) -> Iterator[dict[str, JSON]]:
    options = model._meta
    for step in _all_additions().get((options.app_label, str(options.model_name)), ()):
        found = {}
        for name, field in step.items():
            try:
                found[str(options.get_field(name).column)] = _default(field)  # type: ignore[union-attr]
            except FieldDoesNotExist:  # it has gone since, and its column with it
                continue
        yield found


def _default(field: Any) -> JSON:
    default = field.get_default() if field.default is not NOT_PROVIDED else None
    return None if isinstance(default, Secret | bytes) else plain(default)
