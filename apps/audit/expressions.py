"""Database expressions over an event's body, immutable on both databases so that generated columns may use them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, DateTimeField, Func, TextField

Compiled = tuple[str, Any]


class BodyText(Func):
    """Text at a path of the body, such as ``subject.object``; lists and objects as their JSON."""

    arity = 1

    def __init__(self, column: Any, *, path: str = "", **extra: Any) -> None:
        super().__init__(column, output_field=extra.pop("output_field", TextField(null=True)), path=path, **extra)

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """Use JSON1."""
        template = f"JSON_EXTRACT(%(expressions)s, '$.{self.extra['path']}')"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """Use json's path operator: to look one path up, jsonb would sort the whole document first."""
        keys = self.extra["path"].replace(".", ",")
        return super().as_sql(compiler, connection, template=f"(%(expressions)s::json #>> '{{{keys}}}')", **context)


class BodyNumber(BodyText):
    """Whole number at a path of the body."""

    def __init__(self, column: Any, *, path: str = "", **extra: Any) -> None:
        super().__init__(column, path=path, output_field=extra.pop("output_field", BigIntegerField(null=True)), **extra)

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """Cast the text."""
        sql, params = super().as_postgresql(compiler, connection, **context)
        return f"({sql})::bigint", params


class BodyMoment(BodyText):
    """The body's time as a column of date and time; built from its digits, as casts from text are not immutable."""

    def __init__(self, column: Any, *, path: str = "at", **extra: Any) -> None:
        super().__init__(column, path=path, output_field=extra.pop("output_field", DateTimeField(null=True)), **extra)

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """Spell the time the way Django stores it."""
        sql, params = super().as_sqlite(compiler, connection, **context)
        return f"REPLACE(SUBSTR({sql}, 1, 26), 'T', ' ')", params

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """Assemble a timestamp and say that it is UTC."""
        sql, params = super().as_postgresql(compiler, connection, **context)
        places = ((1, 4, "int"), (6, 2, "int"), (9, 2, "int"), (12, 2, "int"), (15, 2, "int"), (18, 9, "float8"))
        parts = ", ".join(f"SUBSTR({sql}, {start}, {length})::{kind}" for start, length, kind in places)
        return f"(MAKE_TIMESTAMP({parts}) AT TIME ZONE 'UTC')", params * len(places)
