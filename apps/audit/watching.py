"""Fills core's watch: writes of many governed rows happen inside an act and are told to it; others pass."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db.models import Model, QuerySet

from apps.audit import acts
from apps.audit.acts import OpenAct, OutsideAct, Step
from apps.audit.governed import clear_fields, governed_models
from apps.audit.touched import Op, Touched


class ActWatcher:
    """Core's ``Watcher``. What a bulk write did is pending in the act then, like what was saved: record last."""

    def updated(self, rows: QuerySet[Any], values: Mapping[str, Any], write: Callable[[], int]) -> int:
        """Read what the rows held, write, and tell the act of each."""
        opened = _opened(rows.model, "update")
        if opened is None:
            return write()
        before = list(rows.model._base_manager.using(rows.db).filter(pk__in=rows.order_by().values("pk")))
        done = write()
        for row in before:
            _tell(opened, row, Op.UPDATE, _differences(row, values))
        return done

    def created(self, model: type[Model], write: Callable[[], list[Any]]) -> list[Any]:
        """Insert and tell the act of each new row."""
        opened = _opened(model, "bulk_create")
        made = write()
        for row in made if opened is not None else ():
            _tell(opened, row, Op.CREATE)
        return made

    def changed(self, rows: Collection[Any], names: Iterable[str], write: Callable[[], int]) -> int:
        """Save and tell the act of each row."""
        opened = _opened(type(next(iter(rows))), "bulk_update") if rows else None
        before = _held(rows) if opened is not None else {}
        done = write()
        for row in rows if opened is not None else ():
            now = {name: getattr(row, row._meta.get_field(name).attname) for name in names}
            _tell(opened, row, Op.UPDATE, _differences(before.get(row.pk, row), now))
        return done

    def deleted(
        self, model: type[Model], write: Callable[[], tuple[int, dict[str, int]]]
    ) -> tuple[int, dict[str, int]]:
        """Delete; the signal of each row tells the act."""
        _opened(model, "delete")
        return write()


@functools.cache
def _governed() -> frozenset[type[Model]]:
    return frozenset(governed_models())


def _opened(model: type[Model], verb: str) -> OpenAct | None:
    """The open act, or ``None`` for rows that are not governed; raises ``OutsideAct`` where the first should be there."""
    if (model._meta.concrete_model or model) not in _governed():
        return None
    opened = acts.current()
    if opened is None:
        raise OutsideAct(
            f"{model._meta.label}: {verb}() stands outside act(), and the log could not tell of it."
            " Call it in a service that is an act, and record() last."
        )
    return opened


def _tell(opened: OpenAct | None, row: Model, op: Op, changes: Mapping[str, Any] | None = None) -> None:
    if opened is not None:
        opened.add(Step(opened, wrote=Touched.of(row, op, changes)))


def _held(rows: Collection[Any]) -> dict[Any, Model]:
    model = type(next(iter(rows)))
    return {row.pk: row for row in model._base_manager.filter(pk__in=[row.pk for row in rows])}


def _differences(row: Model, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Clear fields and their values before and after; what the database computes stands in the after-image alone."""
    clear, found = clear_fields(type(row)), {}  # type: ignore[var-annotated]
    for name, value in values.items():
        field: Any = row._meta.get_field(name)
        after = value.pk if isinstance(value, Model) else value
        before = getattr(row, field.attname)
        if field.name in clear and not hasattr(after, "resolve_expression") and before != after:
            found[field.name] = (before, after)
    return found
