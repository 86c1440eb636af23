"""``cases_visible_to()``: every list, search, export and API starts here. A union of top-k legs with keyset paging.

Each leg (own branches, held, shared, own business of a borrower) is an indexed range of at most one page; the legs are
merged here, so no query carries an OR over scopes and none counts or offsets.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from apps.access.roles import ROLE_TABLE, Role
from apps.access.selectors import object_grants_live
from apps.access.services import authorize, can
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.errors import NotVisible
from apps.core.keyset import Page, decode, encode
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase
from apps.workflow.models.case import NO_DEADLINE

MOST_COUNTED = 100
SORTS: dict[str, tuple[str, bool]] = {"newest": ("id", True), "oldest": ("id", False), "due": ("due_at", False)}
"""Name of an order → indexed column, descending."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list asks for; empty fields ask for everything. ``holder`` is a person's id, ``unheld`` nobody's cases."""

    states: tuple[str, ...] = ()
    product_id: int | None = None
    borrower_id: int | None = None
    grade: str = ""
    holder_id: int | None = None
    unheld: bool = False
    overdue: bool = False
    name: str = ""
    borrower_ids: tuple[int, ...] = ()
    sort: str = "newest"

    def apply(self, cases: QuerySet[LoanCase]) -> QuerySet[LoanCase]:
        """Narrow a queryset."""
        wanted: dict[str, Any] = {
            "state__in": self.states,
            "product_id": self.product_id,
            "borrower_id": self.borrower_id,
            "grade": self.grade,
            "holder_id": self.holder_id,
            "borrower__name_folded__startswith": self.name,
            "borrower_id__in": self.borrower_ids,
        }
        cases = cases.filter(**{key: value for key, value in wanted.items() if value})
        if self.unheld:
            cases = cases.filter(holder=None)
        return cases.filter(due_at__lt=clock.now()) if self.overdue else cases


def legs(actor: Actor) -> list[Q]:
    """Scopes whose union is what the actor may see; empty for who sees nothing."""
    if actor.is_system:
        return [Q()]
    if actor.is_borrower:
        return [Q(borrower_id__in=actor.borrower_ids)] if actor.borrower_ids else []
    if not actor.is_person:
        return []
    return _branch_legs(actor) + _personal_legs(actor)


def _viewing(actor: Actor) -> list[HeldRole]:
    return [held for held in actor.held if Permission.CASE_VIEW in ROLE_TABLE[Role(held.role)]]


def _branch_legs(actor: Actor) -> list[Q]:
    viewing = _viewing(actor)
    if any(held.branch_ids is None for held in viewing):
        return [Q()]
    branches = sorted({branch for held in viewing for branch in held.branch_ids or ()})
    return [Q(branch_id=branch) for branch in branches]


def _personal_legs(actor: Actor) -> list[Q]:
    """Cases shared with the actor; a share widens the scope of a role that sees cases, and stands in for none."""
    if not _viewing(actor):
        return []
    shared = object_grants_live(LoanCase, account_id=actor.account_id, permissions=[Permission.CASE_VIEW])
    ids = list(shared.values_list("content_object_id", flat=True)[:MOST_COUNTED])
    return [Q(pk__in=ids)] if ids else []


def _without_excluded(actor: Actor, cases: QuerySet[LoanCase]) -> QuerySet[LoanCase]:
    """Leave out blocked cases and those of the actor's own or relatives' businesses."""
    if not actor.is_person:
        return cases
    blocked = CaseBlock.objects.filter(person_id=actor.person_id or 0).exclude(ends_at__lte=clock.now())
    ids = list(blocked.values_list("case_id", flat=True))
    cases = cases.exclude(pk__in=ids) if ids else cases
    return cases.exclude(borrower_id__in=actor.tied_borrower_ids) if actor.tied_borrower_ids else cases


def cases_visible_to(
    actor: Actor, filters: CaseFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[LoanCase]:
    """One page of the cases an actor may see, in the filter's order, with their borrower, product, branch and holder."""
    wanted = filters or CaseFilter()
    column, descending = SORTS.get(wanted.sort, SORTS["newest"])
    keys = _page_keys(actor, wanted, column, descending, decode(cursor), limit + 1)
    rows = _rows_in_order([key[-1] for key in keys[:limit]])
    more = encode(keys[limit - 1]) if len(keys) > limit else ""
    return Page(rows, more, not cursor)


def _page_keys(
    actor: Actor,
    wanted: CaseFilter,
    column: str,
    descending: bool,
    after: list[Any] | None,
    most: int,
) -> list[tuple[Any, ...]]:
    """Sort keys of the page's rows: top-k of each leg, merged, once each."""
    base = _without_excluded(actor, wanted.apply(LoanCase.objects.all()))
    if after is not None:
        base = base.filter(_beyond(column, descending, after))
    names = [column] if column == "id" else [column, "id"]
    order = [f"-{name}" if descending else name for name in names]
    tops = [list(base.filter(leg).order_by(*order).values_list(*names)[:most]) for leg in legs(actor)]
    merged = heapq.merge(*tops, reverse=descending)
    return _distinct(merged, most)


def _distinct(keys: Iterable[tuple[Any, ...]], most: int) -> list[tuple[Any, ...]]:
    kept: list[tuple[Any, ...]] = []
    for key in keys:
        if not kept or key != kept[-1]:
            kept.append(key)
        if len(kept) == most:
            break
    return kept


def _beyond(column: str, descending: bool, after: list[Any]) -> Q:
    """Rows past a cursor's key; a damaged cursor asks for what lies past nothing, the first page."""
    try:
        last_id = int(after[-1])
        if column == "id":
            return Q(id__lt=last_id) if descending else Q(id__gt=last_id)
        moment = parse_datetime(str(after[0])) or NO_DEADLINE
    except (TypeError, ValueError):
        return Q()
    return Q(**{f"{column}__gt": moment}) | Q(**{column: moment, "id__gt": last_id})


def _rows_in_order(ids: Sequence[int]) -> list[LoanCase]:
    found = LoanCase.objects.select_related("borrower", "product", "branch", "holder").in_bulk(list(ids))
    return [found[pk] for pk in ids if pk in found]


def cases_counted(actor: Actor, filters: CaseFilter) -> int:
    """How many cases a list would show, counted no further than one hundred ("99+")."""
    return len(_page_keys(actor, filters, "id", True, None, MOST_COUNTED))


def case_get(actor: Actor, number: str, permission: Permission = Permission.CASE_VIEW) -> LoanCase:
    """The case of a number, if the actor may see it; raises ``NotVisible`` (404) else, ``Refused`` for a lacking role."""
    case = (
        LoanCase.objects.select_related("borrower__group", "product", "branch", "holder").filter(number=number).first()
    )
    if case is None or not can(actor, Permission.CASE_VIEW, case).allowed:
        raise NotVisible(subject=case, action=permission)
    if permission is not Permission.CASE_VIEW:
        authorize(actor, permission, case)
    return case


def is_overdue(case: LoanCase, at: dt.datetime | None = None) -> bool:
    """Tell whether the case's deadline has passed."""
    return case.due_at < (at or clock.now())
