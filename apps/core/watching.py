"""Writes of many rows at once, which fire no signal of any row: they pass through a port that audit fills.

``update()``, ``bulk_create()`` and ``bulk_update()`` of rows that the log governs happen inside an act and are told to it, or
do not happen. An empty port lets nothing through: what could not be recorded is not written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from django.db import models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)


class Watcher(Protocol):
    """What audit gives. Each method runs ``write`` or raises before it."""

    def updated(self, rows: QuerySet[Any], values: Mapping[str, Any], write: Callable[[], int]) -> int:
        """Set the same values in all rows of a query."""

    def created(self, model: type[models.Model], write: Callable[[], list[Any]]) -> list[Any]:
        """Insert rows."""

    def changed(self, rows: Collection[Any], names: Iterable[str], write: Callable[[], int]) -> int:
        """Save some fields of given rows."""

    def deleted(
        self, model: type[models.Model], write: Callable[[], tuple[int, dict[str, int]]]
    ) -> tuple[int, dict[str, int]]:
        """Delete the rows of a query; Django loads governed ones and tells of each."""


class Unwatched(RuntimeError):
    """Many rows were to be written while nobody watches, or in a way that nobody could tell of."""


class Watch:
    """Holds the watcher."""

    def __init__(self) -> None:
        self._watcher: Watcher | None = None

    def fill(self, watcher: Watcher | None) -> None:
        """Set the watcher; ``None`` empties the port."""
        self._watcher = watcher

    @property
    def watcher(self) -> Watcher:
        """The watcher; raises ``Unwatched`` while there is none."""
        if self._watcher is None:
            raise Unwatched("many rows are not written at once while nobody watches")
        return self._watcher


watch = Watch()
"""The one of this process."""


class WatchedQuerySet(QuerySet[M]):
    """A query whose writes are told of."""

    def update(self, **values: Any) -> int:
        """Set values in all rows, inside an act, which is told what each row held before."""
        return watch.watcher.updated(self, values, lambda: super(WatchedQuerySet, self).update(**values))

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[M], *args: Any, **options: Any) -> list[M]:
        """Insert rows, inside an act; ways that leave it open which rows were inserted are refused."""
        unclear = sorted(name for name in ("ignore_conflicts", "update_conflicts") if options.get(name))
        if unclear or len(args) > 1:
            raise Unwatched(f"nobody could tell which rows {', '.join(unclear) or 'such arguments'} would write")
        made = list(objs)
        return watch.watcher.created(
            self.model, lambda: super(WatchedQuerySet, self).bulk_create(made, *args, **options)
        )

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Save fields of rows, inside an act."""
        rows, names = list(objs), list(fields)
        return watch.watcher.changed(
            rows, names, lambda: super(WatchedQuerySet, self).bulk_update(rows, names, batch_size)
        )

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows, inside an act."""
        return watch.watcher.deleted(self.model, lambda: super(WatchedQuerySet, self).delete())

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


WatchedManager = models.Manager.from_queryset(WatchedQuerySet)
"""The manager of every governed model; one with questions of its own takes its query set from here."""
