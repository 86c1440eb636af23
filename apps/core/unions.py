"""Many scopes in one question: the first rows of a list over all its legs, and how many rows several lists have.

A leg is an ordered, sliced queryset with an index range of its own; legs of one list must not overlap. SQLite takes no ORDER BY
inside a compound SELECT, so each leg stands in a SELECT around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Legs = Sequence["QuerySet[Any, Any]"]


def first_keys(legs: Legs, width: int, most: int, *, descending: bool) -> list[int]:
    """Ids of the first ``most`` rows of all legs, by one statement.

    Legs are ``values_list`` querysets of the same ``width`` columns, the sort key first and the id last, each in the list's
    order.
    """
    union, given = _union(legs)
    if not union:
        return []
    order = ", ".join(f"{position} {'DESC' if descending else 'ASC'}" for position in range(1, width + 1))
    with connection.cursor() as cursor:
        cursor.execute(f"{union} ORDER BY {order} LIMIT %s", [*given, most])
        return [row[-1] for row in cursor.fetchall()]


def counts(lists: Mapping[str, Legs], most: int) -> dict[str, int]:
    """How many rows each list has, no further than ``most``, by one statement; legs are sliced to ``most`` already."""
    found = {name: _union(legs) for name, legs in lists.items()}
    asked = {name: union for name, union in found.items() if union[0]}
    if not asked:
        return dict.fromkeys(lists, 0)
    columns = ", ".join(f"(SELECT COUNT(*) FROM ({union}) AS list)" for union, _given in asked.values())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [each for _union, given in asked.values() for each in given])
        row = cursor.fetchone() or ()
    return dict.fromkeys(lists, 0) | {name: min(count, most) for name, count in zip(asked, row, strict=True)}


def _union(legs: Legs) -> tuple[str, list[Any]]:
    """Statement of all legs that may hold rows, compiled by the ORM, with its values; ``""`` where none may."""
    parts: list[str] = []
    given: list[Any] = []
    for leg in legs:
        try:
            sql, values = leg.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) AS leg")  # noqa: S608  the ORM's own words, values apart
        given += values
    return " UNION ALL ".join(parts), given
