"""The file of a case or a business in memory: all rows that hang on it, gathered with one question while a page is read.

Apps say in ``AppConfig.ready()`` which of their tables hang on which root (``hang``). A page of many parts gathers its roots
first; ``rows`` then answers from memory. Where nothing was gathered, ``rows`` asks for its one table, and where nothing is
remembered (wherever something may be written) it asks anew each time.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django.db.models import BigIntegerField, Model

from apps.core import memory
from apps.core.prepared import Prepared
from apps.core.together import Through, Wanted, linked, together

Row = TypeVar("Row", bound=Model)

hanging: dict[type[Model], dict[type[Model], str]] = {}
"""Tables by the root that they hang on, each with the lookup that leads from its rows to the root."""
beside: dict[type[Model], list[tuple[type[Model], Through]]] = {}
"""Tables that rows of a file point at: gathered with it, and found by following the rows."""


def hang(root: type[Model], tables: Mapping[type[Model], str], *pointed_at: tuple[type[Model], Through]) -> None:
    """Say which tables belong to the file of a root; only those of which a file has few rows."""
    hanging.setdefault(root, {}).update(tables)
    beside.setdefault(root, []).extend(pointed_at)


def gather(*roots: Model) -> None:
    """Load everything that hangs on the roots: one query. Does nothing where nothing is remembered."""
    if not memory.is_on() or all(memory.kept(_name(root)) for root in roots):
        return
    wanted = [(root, model, path) for root in roots for model, path in hanging.get(type(root), {}).items()]
    pointed_at = [Wanted(model, path, root.pk) for root in roots for model, path in beside.get(type(root), ())]
    found = together([*(Wanted(model, path, root.pk) for root, model, path in wanted), *pointed_at])
    linked(found, *roots)
    for root, model, _path in wanted:
        memory.keep(_name(root, model), found[model])
    for root in roots:
        memory.keep(_name(root), True)


def gather_each(
    roots: Sequence[Model], *tables: type[Model], pointed_at: Sequence[tuple[type[Model], Through]] = ()
) -> None:
    """Load some tables of many roots of one kind with one query, and what their rows are ``pointed_at``. Does nothing where nothing is
    remembered. A table has to point at its root itself.
    """
    if not memory.is_on() or not roots:
        return
    keys = tuple(root.pk for root in roots)
    paths = {table: hanging[type(roots[0])][table] for table in tables}
    wanted: list[tuple[type[Model], str | Through]] = [*paths.items(), *pointed_at]
    found = together([Wanted(model, path, keys) for model, path in wanted])
    linked(found, *roots)
    for table, path in paths.items():
        keep_each(roots, table, found[table], path)


def keep_each(roots: Sequence[Model], table: type[Model], found: Iterable[Any], path: str = "") -> None:
    """Keep all rows of a table that hang on many roots of one kind, by primary key, however they were found."""
    if not memory.is_on() or not roots:
        return
    path = path or hanging[type(roots[0])][table]
    each: dict[int, list[Any]] = {root.pk: [] for root in roots}
    for row in found:
        each[getattr(row, f"{path}_id")].append(row)
    for root in roots:
        linked({table: each[root.pk]}, root)
        memory.keep(_name(root, table), each[root.pk])


def rows(root: Model, model: type[Row], *related: str) -> list[Row]:
    """All rows of a table that hang on a root, by primary key; not to be changed. Raises ``KeyError`` for any other table.

    What is ``related`` comes along where nothing was gathered; a gathered file has it anyway.
    """
    path = hanging[type(root)][model]
    name = _name(root, model)
    found = memory.kept(name)
    if found is None:
        found = _asked(root, model, path, related)
        linked({model: found}, root)
        memory.keep(name, found)
    return cast("list[Row]", found)


def _asked(root: Model, model: type[Model], path: str, related: tuple[str, ...]) -> list[Any]:
    """One table's rows; without relations the way of a gathered file, whose statement need not be made anew each time."""
    if related:
        return _prepared(model, path, related).rows(root=root.pk)
    return together([Wanted(model, path, root.pk)])[model]


@functools.cache
def _prepared(model: type[Model], path: str, related: tuple[str, ...]) -> Prepared[Any]:
    return Prepared(
        lambda root: model._default_manager.select_related(*related).filter(**{f"{path}__pk": root}).order_by("pk"),
        {"root": BigIntegerField()},
    )


def filled(manager: Any, found: Sequence[Model]) -> None:
    """Give a row's reverse relation the rows that belong to it, as prefetching would."""
    cached = manager.get_queryset()
    cached._result_cache, cached._prefetch_done = list(found), True
    manager.instance._prefetched_objects_cache = {
        **getattr(manager.instance, "_prefetched_objects_cache", {}), manager.field.remote_field.cache_name: cached
    }  # fmt: skip


def _name(root: Model, model: type[Model] | None = None) -> Hashable:
    return ("gathered", root._meta.label, root.pk, model._meta.label if model is not None else "")
