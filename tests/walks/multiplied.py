"""More rows of everything that hangs on a case: each kind of row that its pages may list, four times instead of once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Max

from apps.vault.secret import Secret

Row = Any
OURS = "apps."
WORDS = {"code", "duty", "kind", "language", "role"}  # one of a list, of which no other can be made up
ALONE = {"audit", "vault", "accounts"}  # rows of these are made with what they belong to, or by the walk itself


def multiplied(*roots: Row, times: int = 3) -> set[str]:
    """Copy one row of each kind that hangs on the roots, however far down; returns the labels that were copied.

    Kinds come from the models, so what is added later is copied as well. A row that a constraint allows once stays alone.
    """
    labels = set()
    for label, row in _kinds(roots).items():
        if copied(row, times):
            labels.add(label)
    return labels


def copied(row: Row, times: int = 3, **parents: Row) -> bool:
    """Copy one row, under other parents if named; tells whether a constraint allowed it at least once."""
    return sum(_copied(row, **parents) is not None for _each in range(times)) > 0


def _kinds(roots: tuple[Row, ...]) -> dict[str, Row]:
    """One row of each kind, found from the roots along the relations that point at them."""
    found: dict[str, Row] = {}
    known = {root._meta.label for root in roots}
    waiting = list(roots)
    while waiting:
        for row in _hanging_on(waiting.pop()):
            if row._meta.label not in known:
                known.add(row._meta.label)
                found[row._meta.label] = row
                waiting.append(row)
    return found


def _hanging_on(row: Row) -> Iterator[Row]:
    for relation in row._meta.related_objects:
        model = relation.related_model
        if model.__module__.startswith(OURS) and model._meta.app_label not in ALONE:
            newest = model._default_manager.filter(**{relation.field.name: row}).order_by("-pk").first()
            if newest is not None:
                yield newest


def _copied(row: Row, **parents: Row) -> Row | None:
    """A copy with what must be one to one with it; ``None`` where a constraint allows no second one."""
    try:
        with transaction.atomic():
            copy = _copy(row, **parents)
            for relation in row._meta.related_objects:
                if relation.one_to_one and hasattr(row, relation.get_accessor_name()):
                    _copy(getattr(row, relation.get_accessor_name()), **{relation.field.name: copy})
            return copy
    except IntegrityError:
        return None


def _copy(row: Row, **parents: Row) -> Row:
    model = type(row)
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated:
            continue
        if field.one_to_one and field.related_model._meta.app_label == "vault":  # a file of its own
            values[field.attname] = _copy(getattr(row, field.name)).pk
            continue
        value = getattr(row, field.attname)
        values[field.attname] = value.reveal() if isinstance(value, Secret) else value
    for field in _distinguishing(model):
        values[field.attname] = _another(model, field)
    return model._default_manager.create(**{**values, **{f"{name}_id": parent.pk for name, parent in parents.items()}})


def _distinguishing(model: type[models.Model]) -> set[models.Field[Any, Any]]:
    """Fields of which a second row needs another value: unique ones, and the counting part of constraints."""
    together = {*chain(*(each.fields for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)))}
    own = {field for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    counting = {field for field in model._meta.concrete_fields if field.name in together - WORDS and not field.choices}
    return {field for field in own | counting if not field.is_relation}


def _another(model: type[models.Model], field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.CharField):
        return uuid.uuid4().hex[: field.max_length or 32]
    if isinstance(field, models.IntegerField):
        return (model._default_manager.aggregate(most=Max(field.name))["most"] or 0) + 1
    return field.get_default()
