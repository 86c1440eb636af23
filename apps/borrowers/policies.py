"""Object predicates of borrowers' permissions, and what access asks about accounts and persons."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, DateField, Q

from apps.access.policies import in_scope, register
from apps.access.ports import fill
from apps.access.roles import permissions_by
from apps.accounts import ports as account_ports
from apps.accounts.models import Branch
from apps.borrowers.models import Borrower, BorrowerAccess, StaffInterest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.prepared import Prepared


def may_edit(actor: Actor, obj: Any) -> bool:
    """A borrower is edited in one's scope, and entered at a branch that one's role covers."""
    if not isinstance(obj, Branch) or actor.is_system:
        return in_scope(actor, obj)
    return any(held.covers(obj.pk) for held in actor.held if Permission.BORROWER_EDIT in permissions_by(held))


def register_policies() -> None:
    """Connect predicates and ports."""
    register({
        Permission.BORROWER_VIEW: in_scope, Permission.BORROWER_EDIT: may_edit, Permission.BORROWER_REVEAL: in_scope,
        Permission.BORROWER_FREEZE: in_scope, Permission.BORROWER_INVITE: in_scope,
        Permission.PRIVACY_VIEW: in_scope, Permission.HOLD_MANAGE: in_scope, Permission.FORGET_ASK: in_scope,
        Permission.FORGET_APPROVE: in_scope,
    })  # fmt: skip
    fill(borrowers_of_account=borrowers_of_account, borrowers_tied_to=borrowers_tied_to)
    account_ports.fill(holds=lambda account_id: bool(borrowers_of_account(account_id)))


def borrowers_of_account(account_id: int) -> frozenset[int]:
    """Borrowers that a portal account acts for now."""
    return frozenset(
        BorrowerAccess.objects.filter(account_id=account_id, ended_at=None).values_list("borrower_id", flat=True)
    )


_TIES: Prepared[tuple[int, int | None]] = Prepared(
    lambda person, today: StaffInterest.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=today), person_id=person
    ).values_list("borrower_id", "borrower__group_id"),
    {"person": BigIntegerField(), "today": DateField()},
)


def borrowers_tied_to(person_id: int) -> frozenset[int]:
    """Own businesses and relatives' of a member of staff, with all members of their groups."""
    rows = _TIES.rows(person=person_id, today=clock.today())
    groups = {group for _borrower, group in rows if group is not None}
    if not groups:
        return frozenset(borrower for borrower, _group in rows)
    related = Borrower.objects.filter(group_id__in=groups).values_list("id", flat=True)
    return frozenset(borrower for borrower, _group in rows) | frozenset(related)
