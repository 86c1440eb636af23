"""Orders of the lists of cases, and where a page goes on: by the last row's key, whatever the order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime

from apps.workflow.models import LoanCase
from apps.workflow.models.case import SHOWN

SHOWN_AS = "shown_amount"
LARGEST_ID = 2**63 - 1
LARGEST_AMOUNT = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class Sort:
    """An order: the attribute of a case it goes by, and which way; ``column`` is what queries call the attribute."""

    key: str
    descending: bool = False
    column: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """What a leg is ordered by; the id parts cases with one value."""
        return ("id",) if self.key == "id" else (self.column or self.key, "id")

    def of(self, case: LoanCase) -> list[Any]:
        """Key of a case for the cursor."""
        return [case.pk] if self.key == "id" else [getattr(case, self.key), case.pk]


SORTS: dict[str, Sort] = {
    "newest": Sort("id", True),
    "oldest": Sort("id"),
    "due": Sort("due_at"),
    "due_last": Sort("due_at", True),
    "longest": Sort("entered_at"),
    "shortest": Sort("entered_at", True),
    "largest": Sort("amount", True, SHOWN_AS),
    "smallest": Sort("amount", column=SHOWN_AS),
}
"""Name of an order → what it goes by; every one reads an index of the cases."""


def in_order(cases: QuerySet[LoanCase], sort: Sort) -> QuerySet[LoanCase]:
    """Order by the sort's columns."""
    if sort.key == "amount":
        cases = cases.annotate(**{SHOWN_AS: SHOWN})
    return cases.order_by(*(F(name).desc() if sort.descending else F(name).asc() for name in sort.columns))


def beyond(name: str, after: list[Any] | None) -> Q:
    """Rows past a cursor's key; a damaged one, or one of another order, asks for what lies past nothing, the first page."""
    sort = SORTS[name]
    value, last = _read(sort, after[1:]) if after and after[0] == name else (None, None)
    past = "lt" if sort.descending else "gt"
    if last is None:
        return Q()
    if sort.key == "id":
        return Q(**{f"id__{past}": last})
    column = sort.columns[0]
    # the first condition is the range that an index reads
    return Q(**{f"{column}__{past}e": value}) & (Q(**{f"{column}__{past}": value}) | Q(**{f"id__{past}": last}))


def _read(sort: Sort, key: Sequence[Any]) -> tuple[Any, int | None]:
    """Value and id of a cursor's key; no id where it makes no sense."""
    if len(key) != len(sort.columns) or not isinstance(key[-1], int) or not 0 <= key[-1] <= LARGEST_ID:
        return None, None
    if sort.key == "id":
        return None, key[-1]
    value = READ[sort.key](str(key[0]))
    return (None, None) if value is None else (value, key[-1])


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < LARGEST_AMOUNT else None


READ: Mapping[str, Callable[[str], Any]] = {"due_at": _moment, "entered_at": _moment, "amount": _amount}
