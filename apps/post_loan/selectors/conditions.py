"""Conditions due after payout, over all cases in the actor's sight: the nearest day first, by keyset."""

from __future__ import annotations

import datetime as dt
import heapq
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.approval.models import Condition
from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import Page, decode, encode
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionFollowUp
from apps.disbursement.selectors.scopes import legs, without_excluded
from apps.disbursement.services.following import FOLLOWED


@dataclass(frozen=True, slots=True)
class ConditionDue:
    """A condition to be met after payout, with its words and how many days it is overdue."""

    row: ConditionFollowUp
    text: str
    days_over: int


def conditions_due_to(actor: Actor, *, overdue: bool = False, cursor: str = "", limit: int = 50) -> Page[ConditionDue]:
    """One page of conditions that are to be met; only those past their day where ``overdue``. Queries grow with branches only."""
    rows = ConditionFollowUp.objects.filter(done_at=None, case__state__in=FOLLOWED)
    if overdue:
        rows = rows.filter(due_on__lt=clock.today())
    base = without_excluded(actor, rows, borrower="case__borrower_id")
    scopes = legs(actor, Permission.LOAN_VIEW, branch="case__branch_id", borrower="case__borrower_id")
    found = _soonest(base, scopes, cursor, limit + 1)
    more = encode([found[limit - 1].due_on.isoformat(), found[limit - 1].pk]) if len(found) > limit else ""
    return Page(_worded(found[:limit]), more, not cursor)


def _soonest(rows: QuerySet[ConditionFollowUp], scopes: list[Q], cursor: str, most: int) -> list[ConditionFollowUp]:
    after = _after(decode(cursor))
    if after is not None:
        rows = rows.filter(Q(due_on__gt=after[0]) | Q(due_on=after[0], id__gt=after[1]))
    rows = rows.select_related("case__borrower", "case__branch").order_by("due_on", "id")
    tops = [list(rows.filter(leg)[:most]) for leg in scopes]
    merged = heapq.merge(*tops, key=lambda row: (row.due_on, row.pk))
    return list({row.pk: row for row in merged}.values())[:most]


def _after(found: list[object] | None) -> tuple[dt.date, int] | None:
    """Day and id that a cursor stands for; ``None`` for a damaged one."""
    if found is None or len(found) != 2 or not isinstance(found[1], int) or not 0 <= found[1] < 2**63:
        return None
    try:
        return dt.date.fromisoformat(str(found[0])), found[1]
    except ValueError:
        return None


def _worded(rows: list[ConditionFollowUp]) -> list[ConditionDue]:
    texts = {each.uuid: each.text for each in Condition.objects.filter(uuid__in=[row.condition for row in rows])}
    today = clock.today()
    return [ConditionDue(row, texts.get(row.condition, ""), max((today - row.due_on).days, 0)) for row in rows]
