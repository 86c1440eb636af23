"""Freezing a borrower or a whole group: one person freezes, another lifts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import registry
from apps.borrowers.models import Borrower, BorrowerGroup
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission


@act
def borrower_freeze(*, actor: Actor, borrower: Borrower, reason: Purpose) -> Borrower:
    """Stop every case, change and payment of a borrower."""
    authorize(actor, Permission.BORROWER_FREEZE, borrower)
    locked = Borrower.objects.select_for_update().get(pk=borrower.pk)
    return _freeze(locked, actor, reason)


@act
def borrower_unfreeze(*, actor: Actor, borrower: Borrower, reason: Purpose) -> Borrower:
    """Lift a freeze that another person set."""
    authorize(actor, Permission.BORROWER_FREEZE, borrower)
    locked = Borrower.objects.select_for_update().get(pk=borrower.pk)
    return _unfreeze(locked, actor, reason)


@act
def group_freeze(*, actor: Actor, group: BorrowerGroup, reason: Purpose) -> BorrowerGroup:
    """Stop every case, change and payment of all members; the actor must be able to freeze each of them."""
    _authorize_members(actor, group)
    locked = BorrowerGroup.objects.select_for_update().get(pk=group.pk)
    return _freeze(locked, actor, reason)


@act
def group_unfreeze(*, actor: Actor, group: BorrowerGroup, reason: Purpose) -> BorrowerGroup:
    """Lift a group's freeze that another person set."""
    _authorize_members(actor, group)
    locked = BorrowerGroup.objects.select_for_update().get(pk=group.pk)
    return _unfreeze(locked, actor, reason)


def _authorize_members(actor: Actor, group: BorrowerGroup) -> None:
    authorize(actor, Permission.BORROWER_FREEZE)
    for member in group.members.all():
        authorize(actor, Permission.BORROWER_FREEZE, member)


def _freeze(row: Any, actor: Actor, reason: Purpose) -> Any:
    _need_reason(reason)
    if row.frozen:
        raise Refused("not_frozen", _("It is frozen already."), subject=row)
    row.frozen, row.frozen_by_id = True, actor.person_id
    row.save(update_fields=["frozen", "frozen_by"])
    record(Tag.BORROWER_FROZEN, actor=actor, subject=row, purpose=reason)
    return row


def _unfreeze(row: Any, actor: Actor, reason: Purpose) -> Any:
    _need_reason(reason)
    if not row.frozen:
        raise Refused("is_frozen", _("It is not frozen."), subject=row)
    if row.frozen_by_id == actor.person_id:
        raise Refused("another_froze", _("You froze it yourself: another person has to lift it."), subject=row)
    row.frozen, row.frozen_by_id = False, None
    row.save(update_fields=["frozen", "frozen_by"])
    record(Tag.BORROWER_UNFROZEN, actor=actor, subject=row, purpose=reason)
    return row


def _need_reason(reason: Purpose) -> None:
    if reason.code not in dict(registry.Ports.reasons("freeze")):
        raise BadInput({"reason": [_("Choose a reason.")]})
