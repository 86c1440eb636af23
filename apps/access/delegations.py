"""Reads of delegations: which hold now, what a deputy then holds, and who waits for whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access.administration import HANDING
from apps.access.models import Delegation
from apps.access.roles import Role, incompatible, permissions_by
from apps.access.selectors import held_roles, subtrees
from apps.accounts.models import Account, AccountKind
from apps.core import clock
from apps.core.actor import Actor, HeldRole

MOST = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """What a deputy holds now: the row, the principal's handle, and the role with the branches that are left of it."""

    row: Delegation
    principal: str
    held: HeldRole

    @property
    def most(self) -> Decimal | None:
        """Up to which amount it approves."""
        return self.row.most


@dataclass(frozen=True, slots=True)
class Line:
    """One delegation on a page, with handles: ``may_agree`` and ``may_act`` are about the reader."""

    row: Delegation
    principal: str
    deputy: str
    may_agree: bool
    may_act: bool
    may_end: bool


def live(at: dt.datetime | None = None) -> QuerySet[Delegation]:
    """Delegations in force at a moment (now, unless told), as far as their own row says."""
    moment = at or clock.now()
    agreed = Q(needs_second=False) | Q(agreed_at__lte=moment)
    return Delegation.objects.filter(agreed, starts__lte=moment, ends__gt=moment)


def waiting() -> QuerySet[Delegation]:
    """Delegations to which a lead has still to agree."""
    return Delegation.objects.filter(needs_second=True, agreed_at=None, ends__gt=clock.now())


def standing_of(deputy_id: int, uuid: UUID | str) -> Standing | None:
    """What a delegation gives its deputy now, or ``None`` where it gives nothing any more.

    Nobody hands over more than they hold themselves at this moment: a role that the principal has lost, a principal who is
    suspended, or a deputy who has come to administer, end it without anybody doing anything.
    """
    row = live().select_related("branch").filter(uuid=uuid, deputy_id=deputy_id).first()
    if row is None or not HANDING.may_be_handed(row.role):
        return None
    principal = Account.objects.filter(
        person_id=row.principal_id, kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False
    ).first()
    held = held_of_principal(row)
    if principal is None or held is None or not may_meet(row.deputy_id, row.role):
        return None
    return Standing(row, principal.handle, held)


def held_of_principal(row: Delegation) -> HeldRole | None:
    """The role handed over, no further than its principal holds it now."""
    own = next((each for each in held_roles(row.principal_id) if each.role == row.role), None)
    if own is None or row.branch is None:
        return own
    below = frozenset(subtrees([row.branch.path])[row.branch.path])
    branches = below if own.branch_ids is None else below & own.branch_ids
    return HeldRole(row.role, branches) if branches else None


def may_meet(deputy_id: int, role: str) -> bool:
    """Tell whether a role may meet those that a deputy holds: who administers neither approves nor pays, for nobody."""
    return incompatible({role, *(each.role for each in held_roles(deputy_id))}) is None


def lines_of(actor: Actor) -> list[Line]:
    """Delegations that somebody made, holds or may agree to, those in force and to come first."""
    mine = Q(principal_id=actor.person_id) | Q(deputy_id=actor.person_id)
    rows = list(Delegation.objects.filter(mine).select_related("branch").order_by("-ends", "-pk")[:MOST])
    rows += [
        row for row in waiting().exclude(mine).select_related("branch").order_by("pk")[:MOST] if _agrees(actor, row)
    ]
    people = {person for row in rows for person in (row.principal_id, row.deputy_id)}
    named = Account.objects.filter(person_id__in=people, kind=AccountKind.STAFF)
    handles: dict[int, str] = dict(named.values_list("person_id", "handle"))
    now = clock.now()
    return [
        Line(
            row, handles.get(row.principal_id, ""), handles.get(row.deputy_id, ""),
            row.is_waiting and actor.person_id not in {row.principal_id, row.deputy_id} and _agrees(actor, row),
            row.deputy_id == actor.person_id and row.starts <= now < row.ends and not row.is_waiting,
            actor.person_id in {row.principal_id, row.deputy_id} and not row.is_over,
        )
        for row in rows
    ]  # fmt: skip


def to_agree(actor: Actor) -> list[Delegation]:
    """Delegations that wait for this very person's agreement, as far as one page shows."""
    rows = waiting().exclude(principal_id=actor.person_id).exclude(deputy_id=actor.person_id).order_by("pk")
    return [row for row in rows[:MOST] if _agrees(actor, row)]


def _agrees(actor: Actor, row: Delegation) -> bool:
    return agrees_over(actor, row.branch_id)


def agrees_over(actor: Actor, branch_id: int | None) -> bool:
    """Tell whether somebody leads where a right is handed over."""
    holding: list[Any] = [held for held in actor.held if HANDING.second in permissions_by(held)]
    return any(held.covers(branch_id) for held in holding)


def handable(actor: Actor) -> list[tuple[str, Any]]:
    """Own roles that may be handed over, with their words."""
    return [(held.role, Role(held.role).label) for held in actor.held if HANDING.may_be_handed(held.role)]
