"""Rows of many tables in one question: what a page of many parts shows of one case costs one trip to the database, not forty.

Each table gives its rows as JSON arrays, all of them under one ``UNION ALL``; here they become instances again, the same as the
ORM loads. The statement for a set of tables is built once a process; only the keys in it change.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

Rows = dict[type[Model], list[Any]]


class Through(NamedTuple):
    """Rows that ``field`` of another table names, where that table's ``path`` leads to the row asked about."""

    model: type[Model]
    field: str
    path: str


class Wanted(NamedTuple):
    """Rows of a table whose ``path`` (a lookup such as ``case`` or ``memo__case``) leads to the row with this key, or to any of several."""

    model: type[Model]
    path: str | Through
    key: int | tuple[int, ...]


def together(wanted: Sequence[Wanted]) -> Rows:
    """Load all that is wanted, each table's rows by primary key; one query."""
    found: Rows = {each.model: [] for each in wanted}
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(
                connection.vendor, tuple((each.model, each.path, isinstance(each.key, tuple)) for each in wanted)
            ),
            [json.dumps(each.key) if isinstance(each.key, tuple) else each.key for each in wanted],
        )
        lines = cursor.fetchall()
    for number, text in lines:
        model = wanted[number].model
        found[model].append(_instance(model, json.loads(text, parse_float=Decimal)))
    return {model: _in_order(rows) for model, rows in found.items()}


def _in_order(rows: Sequence[Any]) -> list[Any]:
    """Each row once, by primary key: two paths may have led to it."""
    return sorted({row.pk: row for row in rows}.values(), key=operator.attrgetter("pk"))


def linked(found: Mapping[type[Model], Sequence[Any]], *roots: Model) -> None:
    """Let rows that point at each other, or at a root, hold each other: following them asks nothing."""
    known = {(type(row), row.pk): row for row in _all(found.values(), roots)}
    for model, rows in found.items():
        for field in model._meta.concrete_fields:
            if field.is_relation:
                _link(rows, field, known)


def _link(rows: Sequence[Any], field: models.Field[Any, Any], known: Mapping[Any, Model]) -> None:
    for row in rows:
        target = known.get((field.related_model, getattr(row, field.attname)))
        if target is not None:
            field.set_cached_value(row, target)  # type: ignore[attr-defined]


def _all(lists: Iterable[Sequence[Any]], roots: Sequence[Model]) -> Iterable[Any]:
    for rows in lists:
        yield from rows
    yield from roots


@functools.cache
def _statement(vendor: str, wanted: tuple[tuple[type[Model], str | Through, bool], ...]) -> str:
    """One ``SELECT`` a table; the only parameters are the keys, in their order: several as one JSON array."""
    parts = (
        _select(vendor, number, model, path, ANY_OF[vendor] if several else "= %s")
        for number, (model, path, several) in enumerate(wanted)
    )
    return "\nUNION ALL ".join(parts)


ANY_OF = {
    "postgresql": "IN (SELECT value::bigint FROM json_array_elements_text(%s::json))",
    "sqlite": "IN (SELECT value FROM json_each(%s))",
}


def _select(vendor: str, number: int, model: type[Model], path: str | Through, keys: str) -> str:
    array = "json_build_array({})::text" if vendor == "postgresql" else "json_array({})"
    columns = ", ".join(_expression(vendor, field) for field in model._meta.concrete_fields)
    return f"SELECT {number}, {array.format(columns)} FROM {_named(model._meta.db_table)} WHERE {_where(model, path, keys)}"  # noqa: S608 - names of models


def _where(model: type[Model], path: str | Through, keys: str) -> str:
    if isinstance(path, Through):
        named_by: Any = path.model._meta.get_field(path.field)
        return _inside(str(model._meta.pk.column), path.model, named_by.column, path.path, keys)
    name, _sep, rest = path.partition(LOOKUP_SEP)
    field: Any = model._meta.get_field(name)
    return (
        _inside(field.column, field.related_model, field.target_field.column, rest, keys)
        if rest
        else f"{_named(field.column)} {keys}"
    )


def _inside(here: str, over: type[Model], there: str, rest: str, keys: str) -> str:
    return f"{_named(here)} IN (SELECT {_named(there)} FROM {_named(over._meta.db_table)} WHERE {_where(over, rest, keys)})"  # noqa: S608 - names of models


def _expression(vendor: str, field: models.Field[Any, Any]) -> str:
    column = _named(str(field.column))
    kind = field.get_internal_type()
    if kind == "BinaryField":
        as_hex = f"encode({column}, 'hex')" if vendor == "postgresql" else f"hex({column})"
        return f"CASE WHEN {column} IS NULL THEN NULL ELSE {as_hex} END"
    return f"{column}::text" if kind == "JSONField" and vendor == "postgresql" else column


def _named(name: str) -> str:
    return connection.ops.quote_name(name)


def _instance(model: type[Model], values: Sequence[Any]) -> Model:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return model.from_db(
        connection.alias, names, [_value(field, value) for field, value in zip(fields, values, strict=True)]
    )


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    target: Any = field
    while target.remote_field is not None:
        target = target.target_field
    kind = target.get_internal_type()
    if kind == "JSONField":
        return target.from_db_value(value, None, connection)
    if value is None:
        return None
    if kind == "DecimalField":
        return Decimal(value).quantize(Decimal(1).scaleb(-target.decimal_places))
    return PLAIN[kind](value) if kind in PLAIN else value


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment.astimezone(dt.UTC) if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "BinaryField": bytes.fromhex, "BooleanField": bool, "DateField": dt.date.fromisoformat, "DateTimeField": _moment,
    "TimeField": dt.time.fromisoformat, "UUIDField": uuid.UUID, "FloatField": float,
}  # fmt: skip
"""How values of each kind come back from JSON; kinds that are not here are numbers and words already."""
