"""``cases_visible_to()``: every list, search, export and API starts here. A union of top-k legs with keyset paging.

Each leg (own branches, shared, own business of a borrower) is an indexed range of at most one page; one statement merges
them, so no query carries an OR over scopes and none counts or offsets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet

from apps.access.services import authorize, can
from apps.core import clock, unions
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page, decode, encode
from apps.core.permissions import Permission
from apps.core.prepared import Prepared
from apps.workflow.models import LoanCase
from apps.workflow.selectors.ordering import SORTS, Sort, beyond, in_order
from apps.workflow.selectors.scope import legs, without_excluded

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list asks for; empty fields ask for everything. ``holder`` is a person's id, ``unheld`` nobody's cases.

    ``but`` leaves out some cases by id.
    """

    states: tuple[str, ...] = ()
    product_id: int | None = None
    borrower_id: int | None = None
    branch_id: int | None = None
    grade: str = ""
    holder_id: int | None = None
    unheld: bool = False
    overdue: bool = False
    frozen: bool = False
    name: str = ""
    borrower_ids: tuple[int, ...] = ()
    but: tuple[int, ...] = ()
    sort: str = "newest"

    def apply(self, cases: QuerySet[LoanCase]) -> QuerySet[LoanCase]:
        """Narrow a queryset."""
        wanted: dict[str, Any] = {
            "state__in": self.states,
            "product_id": self.product_id,
            "borrower_id": self.borrower_id,
            "branch_id": self.branch_id,
            "grade": self.grade,
            "holder_id": self.holder_id,
            "borrower__name_folded__startswith": self.name,
            "borrower_id__in": self.borrower_ids,
            "is_frozen": self.frozen,
        }
        cases = cases.filter(**{key: value for key, value in wanted.items() if value})
        if self.but:
            cases = cases.exclude(pk__in=self.but)
        if self.unheld:
            cases = cases.filter(holder=None)
        return cases.filter(due_at__lt=clock.now()) if self.overdue else cases


def cases_visible_to(
    actor: Actor, filters: CaseFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[LoanCase]:
    """One page of the cases an actor may see, in the filter's order, with their borrower, product, branch and holder."""
    wanted = filters or CaseFilter()
    name = wanted.sort if wanted.sort in SORTS else "newest"
    sort = SORTS[name]
    cases = in_order(wanted.apply(without_excluded(actor, LoanCase.objects.all())), sort)
    cases = cases.filter(beyond(name, decode(cursor)))
    ids = unions.first_keys(
        _tops(cases, actor, sort, limit + 1), len(sort.columns), limit + 1, descending=sort.descending
    )
    rows = _rows_in_order(ids[:limit])
    more = encode([name, *sort.of(rows[-1])]) if len(ids) > limit and rows else ""
    return Page(rows, more, not cursor)


def _tops(cases: QuerySet[LoanCase], actor: Actor, sort: Sort, most: int) -> list[QuerySet[Any, Any]]:
    return [cases.filter(leg).values_list(*sort.columns)[:most] for leg in legs(actor)]


def _rows_in_order(ids: Sequence[int]) -> list[LoanCase]:
    found = LoanCase.objects.select_related("borrower", "product", "branch", "holder").in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]


def cases_counted(actor: Actor, filters: CaseFilter) -> int:
    """How many cases a list would show, counted no further than one hundred ("99+")."""
    return counted_each(actor, {"list": filters})["list"]


def counted_each(actor: Actor, filters: Mapping[str, CaseFilter]) -> dict[str, int]:
    """How many cases each of several lists would show, no further than one hundred; one statement counts them all."""
    visible, scopes = without_excluded(actor, LoanCase.objects.all()), legs(actor)
    lists = {
        name: [wanted.apply(visible).filter(leg).order_by().values_list("id")[:MOST_COUNTED] for leg in scopes]
        for name, wanted in filters.items()
    }
    return unions.counts(lists, MOST_COUNTED)


_BY_NUMBER: Prepared[LoanCase] = Prepared(
    lambda number: LoanCase.objects.select_related(
        "borrower__group", "borrower__branch", "product", "branch", "holder"
    ).filter(number=number)[:1],
    {"number": CharField()},
)


def case_get(actor: Actor, number: str, permission: Permission = Permission.CASE_VIEW) -> LoanCase:
    """The case of a number, if the actor may see it; raises ``NotVisible`` (404) else, ``Refused`` for a lacking role."""
    case = _BY_NUMBER.first(number=number)
    if case is None or not can(actor, Permission.CASE_VIEW, case).allowed:
        raise NotVisible(subject=case, action=permission)
    if permission is not Permission.CASE_VIEW:
        authorize(actor, permission, case)
    return case
