"""Scopes of what hangs on cases: the same rows that ``can()`` would allow one by one, as legs that an index serves."""

from __future__ import annotations

import heapq
from typing import Any

from django.db.models import Q, QuerySet

from apps.access.roles import permissions_by
from apps.access.selectors import are_engaged, object_grants_live
from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import decode
from apps.core.permissions import Permission
from apps.core.text import whole_number
from apps.workflow.models import CaseBlock, LoanCase


def legs(actor: Actor, permission: Permission, *, branch: str, borrower: str) -> list[Q]:
    """Scopes whose union the actor may see by a viewing permission; ``branch`` and ``borrower`` are columns of the listed rows."""
    if actor.is_system:
        return [Q()]
    if actor.is_borrower:
        return [Q(**{f"{borrower}__in": actor.borrower_ids})] if actor.borrower_ids else []
    viewing = [held for held in actor.held if permission in permissions_by(held)]
    if not viewing:
        return []
    if any(held.branch_ids is None for held in viewing):
        return [Q()]
    branches = sorted({each for held in viewing for each in held.branch_ids or ()})
    named = [Q(case_id__in=sorted(each.case_ids)) for each in viewing if each.case_ids]
    named += [Q(**{f"{borrower}__in": sorted(each.borrower_ids)}) for each in viewing if each.borrower_ids]
    shared = [] if are_engaged(viewing) else _shared(actor, permission)
    return [Q(**{branch: each}) for each in branches] + named + shared


def _shared(actor: Actor, permission: Permission) -> list[Q]:
    if actor.is_deputy:
        return []
    rows = object_grants_live(LoanCase, account_id=actor.account_id, permissions=[permission, Permission.CASE_VIEW])
    ids = list(rows.values_list("content_object_id", flat=True)[:100])
    return [Q(case_id__in=ids)] if ids else []


def without_excluded(actor: Actor, rows: QuerySet[Any], *, borrower: str) -> QuerySet[Any]:
    """Leave out what a conflict of interest keeps the actor off."""
    if actor.tied_borrower_ids:
        rows = rows.exclude(**{f"{borrower}__in": actor.tied_borrower_ids})
    if actor.person_id is None:
        return rows
    blocked = CaseBlock.objects.filter(person_id__in=actor.persons).exclude(ends_at__lte=clock.now())
    ids = list(blocked.values_list("case_id", flat=True))
    return rows.exclude(case_id__in=ids) if ids else rows


def newest_ids(rows: QuerySet[Any], scopes: list[Q], cursor: str, most: int) -> list[int]:
    """Ids of the newest rows in any of the scopes, below the cursor, each once."""
    after = decode(cursor)
    below = whole_number(str(after[-1])) if after is not None else None
    if below is not None:
        rows = rows.filter(id__lt=below)
    tops = [list(rows.filter(leg).order_by("-id").values_list("id", flat=True)[:most]) for leg in scopes]
    return list(dict.fromkeys(heapq.merge(*tops, reverse=True)))[:most]
