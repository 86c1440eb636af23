"""Questions that every page asks, with their statements spelled once a process: later askers only give the values.

The ORM takes some ten times as long to spell a statement over fifty columns as a database takes to answer it. What is prepared
stays a queryset in all else: the same columns, converters, related rows and instances, built anew for each asker.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """Stands in a queryset where a value is to come, turned into what the database takes by a field."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A place in the statement, with oneself in its stead."""
        return "%s", [self]


class _Spelled(NamedTuple):
    rows: QuerySet[Any]
    compiler: Any
    statement: str
    parameters: tuple[Any, ...]


class Prepared(Generic[Row]):
    """A queryset over named values, made by ``build`` from a ``Given`` for each of ``fields``.

    ``build`` runs once for each kind of database: whatever may differ from one asker to the next, the time as well, has to be
    among the values. A value is a number, a word, a moment; never ``None``, which equals nothing.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Row]], fields: Mapping[str, Field[Any, Any]] | None = None
    ) -> None:
        self._build, self._fields = build, dict(fields or {})
        self._spelled: dict[str, _Spelled] = {}

    def rows(self, **values: Any) -> list[Row]:
        """What the queryset finds for these values; raises ``ValueError`` where one is missing, unknown or ``None``."""
        if values.keys() != self._fields.keys() or None in values.values():
            raise ValueError(f"a prepared question wants a value for each of {', '.join(self._fields)}")
        connection = connections[DEFAULT_DB_ALIAS]
        spelled = self._spelled.get(connection.vendor) or self._spell(connection)
        fit = {name: self._fields[name].get_db_prep_value(value, connection) for name, value in values.items()}
        parameters = tuple(fit[each.name] if isinstance(each, Given) else each for each in spelled.parameters)
        compiler = copy.copy(spelled.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (spelled.statement, parameters)
        found = spelled.rows.all()
        found.query.get_compiler = lambda *_args, **_named: compiler  # type: ignore[method-assign]
        return list(found)

    def first(self, **values: Any) -> Row | None:
        """The first that the queryset finds, or ``None``; ``build`` itself says that one is enough."""
        return next(iter(self.rows(**values)), None)

    def _spell(self, connection: Any) -> _Spelled:
        found = self._build(**{name: Given(name, field) for name, field in self._fields.items()})
        compiler = found.query.get_compiler(connection=connection)
        statement, parameters = compiler.as_sql()
        compiler.connection = None  # the first asker's: kept, it would outlive its thread
        spelled = self._spelled[connection.vendor] = _Spelled(found, compiler, statement, tuple(parameters))
        return spelled
