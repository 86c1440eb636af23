"""Where an actor's sight of cases ends: legs for lists, and what is left out of all of them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from apps.access.roles import permissions_by
from apps.access.selectors import are_engaged, object_grants_live
from apps.accounts.models import Branch
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.memory import remembered
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase

MOST_SHARED = 100
MANY = 5
"""Branches from which on it is worth a question whether they are all there are: then one leg does for so many."""


def legs(actor: Actor) -> list[Q]:
    """Scopes whose union is what the actor may see, none overlapping another; empty for who sees nothing."""
    if actor.is_system:
        return [Q()]
    if actor.is_borrower:
        return [Q(borrower_id__in=actor.borrower_ids)] if actor.borrower_ids else []
    viewing = _viewing(actor)
    if not viewing:
        return []
    if any(held.branch_ids is None for held in viewing):
        return [Q()]
    branches = sorted({branch for held in viewing for branch in held.branch_ids or ()})
    if len(branches) >= MANY and len(branches) == _branches():
        return [Q()]
    return [*(Q(branch_id=branch) for branch in branches), *_named(actor, viewing, branches)]


def branches_in_sight(actor: Actor) -> set[int] | None:
    """Branches whose cases the actor's roles show; ``None`` for all of them."""
    viewing = _viewing(actor)
    if any(held.branch_ids is None for held in viewing):
        return None
    return {branch for held in viewing for branch in held.branch_ids or ()}


def whole(actor: Actor) -> Q | None:
    """All scopes as one condition, for sums over everything; ``None`` for who sees nothing. Lists go by legs."""
    together: Q | None = None
    for leg in legs(actor):
        together = leg if together is None else together | leg
    return together


def among_visible(actor: Actor, ids: Collection[int]) -> set[int]:
    """Which of some cases the actor may see."""
    scope = whole(actor)
    if scope is None or not ids:
        return set()
    found = without_excluded(actor, LoanCase.objects.filter(scope, pk__in=ids))
    return set(found.values_list("pk", flat=True))


def without_excluded(actor: Actor, cases: QuerySet[LoanCase]) -> QuerySet[LoanCase]:
    """Leave out blocked cases and those of the actor's own or relatives' businesses."""
    if not actor.is_person:
        return cases
    ids = [case_id for person_id in sorted(actor.persons) for case_id in blocked_cases(person_id)]
    cases = cases.exclude(pk__in=ids) if ids else cases
    return cases.exclude(borrower_id__in=actor.tied_borrower_ids) if actor.tied_borrower_ids else cases


@remembered
def blocked_cases(person_id: int) -> list[int]:
    """Cases that a conflict of interest keeps a person off now."""
    rows = CaseBlock.objects.filter(person_id=person_id).exclude(ends_at__lte=clock.now())
    return list(rows.values_list("case_id", flat=True))


def _viewing(actor: Actor) -> list[HeldRole]:
    if not actor.is_person:
        return []
    return [held for held in actor.held if Permission.CASE_VIEW in permissions_by(held)]


def _named(actor: Actor, viewing: Collection[HeldRole], branches: Collection[int]) -> list[Q]:
    """Cases that engagements name, and those shared with the actor: a share widens the scope of a role that sees cases,
    unless it is bound to engagements or another's, and stands in for none.
    """
    ids = {case for held in viewing for case in held.case_ids}
    borrowers = {borrower for held in viewing for borrower in held.borrower_ids}
    if not are_engaged(viewing) and not actor.is_deputy:
        ids |= set(_shared_cases(actor.account_id))
    if not ids and not borrowers:
        return []
    return [(Q(pk__in=sorted(ids)) | Q(borrower_id__in=sorted(borrowers))) & ~Q(branch_id__in=branches)]


@remembered
def _branches() -> int:
    return Branch.objects.count()


@remembered
def _shared_cases(account_id: int | None) -> list[int]:
    rows = object_grants_live(LoanCase, account_id=account_id, permissions=[Permission.CASE_VIEW])
    return list(rows.values_list("content_object_id", flat=True)[:MOST_SHARED])
