"""Walks the objects of the log beside the rows of their tables, then the tables for rows of which no event tells.

Nothing is locked and no transaction stays open: whatever does not fit is looked at again, its newest event read before and
after its row, until the two belong together. A row and its event commit at once, so an honest writer is never suspected.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model, UUIDField

from apps.audit.governed import governed_models
from apps.audit.images import rows_of
from apps.audit.reconcile.judging import cannot_be_compared, difference, fits
from apps.audit.reconcile.report import Difference, Kind, Reconciliation
from apps.audit.reconcile.told import Told, bodies, newest_write, newest_writes
from apps.audit.touched import key_of

BATCH = 200
LOOKS = 10
MOST_ADDED = 1000
UNTOLD = """
SELECT {column} FROM {table} WHERE NOT EXISTS (
  SELECT 1 FROM audit_touch t WHERE t.object = %s || {text} AND t.op <> 'name'
) ORDER BY {column} LIMIT %s
"""


def reconcile(*, progress: Callable[[int], object] | None = None) -> Reconciliation:
    """Compare every governed row with the newest event of it; ``progress`` is told how many more were compared.

    Raises ``KeysUnavailable`` while the key service is away.
    """
    report, models = Reconciliation(), {model._meta.db_table: model for model in governed_models()}
    for batch in _batched():
        _compare(batch, models, report)
        if progress is not None:
            progress(len(batch))
    for model in models.values():
        for pk in _untold(model):
            report.add(Difference(key_of(model, pk), Kind.ADDED))
    return report


def _batched() -> Iterator[list[Told]]:
    writes = newest_writes()
    while batch := list(itertools.islice(writes, BATCH)):
        yield batch


def _compare(batch: list[Told], models: dict[str, type[Model]], report: Reconciliation) -> None:
    places = {told.object: _place(told.object, models) for told in batch}
    known = [told for told in batch if places[told.object]]
    report.left_out += len(batch) - len(known)
    rows = _rows([place for place in places.values() if place])
    told_by = bodies({told.event for told in known})
    for told in known:
        report.checked += 1
        if not fits(told, told_by.get(told.event, {}), rows.get(told.object)):
            _look_again(told, places[told.object], report)


def _place(name: str, models: dict[str, type[Model]]) -> tuple[type[Model], Any] | None:
    """Model and primary key of an object; ``None`` where its table is governed no more."""
    table, _colon, key = name.rpartition(":")
    model = models.get(table)
    try:
        return (model, model._meta.pk.to_python(key)) if model is not None else None
    except ValidationError:
        return None


def _rows(places: list[tuple[type[Model], Any]]) -> dict[str, Model]:
    wanted: dict[type[Model], list[Any]] = defaultdict(list)
    for model, pk in places:
        wanted[model].append(pk)
    return {key_of(model, row.pk): row for model, pks in wanted.items() for row in rows_of(model, pks)}


def _look_again(told: Told, place: Any, report: Reconciliation) -> None:
    """Judge a row once it is known to belong to the event it is compared with; a row written all the time is well."""
    for _look in range(LOOKS):
        before = newest_write(told.object)
        row = _rows([place]).get(told.object)
        if before is None or newest_write(told.object) != before:
            continue
        found = difference(before, bodies([before.event]).get(before.event, {}), row)
        if found is not None and found.kind is Kind.EDITED and cannot_be_compared(row):
            report.left_out += 1
        elif found is not None:
            report.add(found)
        return


def _untold(model: type[Model]) -> list[Any]:
    """Keys of rows of which no event tells that they were written, at most so many."""
    options = model._meta
    table = connection.ops.quote_name(options.db_table)
    column = f"{table}.{connection.ops.quote_name(str(options.pk.column))}"
    text = f"CAST({column} AS TEXT)"
    if isinstance(options.pk, UUIDField):
        text = f"REPLACE({text}, '-', '')"
    statement = UNTOLD.format(column=column, table=table, text=text)
    with connection.cursor() as cursor:
        cursor.execute(statement, [f"{options.db_table}:", MOST_ADDED])
        return [pk for (pk,) in cursor.fetchall()]
