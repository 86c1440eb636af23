"""Locks a borrower for a change and asks everybody who may object."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.borrowers import registry
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission


def lock_for_change(borrower: Borrower, actor: Actor, *, permission: Permission = Permission.BORROWER_EDIT) -> Borrower:
    """Authorise on the borrower, lock its row and refuse while it is frozen."""
    authorize(actor, permission, borrower)
    locked = Borrower.objects.select_for_update(of=("self",)).select_related("key_owner", "group").get(pk=borrower.pk)
    if locked.is_frozen:
        raise Refused("frozen", _("The borrower is frozen; nothing changes until another person lifts the freeze."),
                      subject=locked)  # fmt: skip
    return locked


def ask_before(borrower: Borrower, actor: Actor) -> None:
    """Refuse a change of what a case under review rests on."""
    reasons = [line for check in registry.change_checks for line in check(borrower, actor)]
    if reasons:
        raise Refused("under_review", reasons[0], reasons=reasons, subject=borrower)


def tell_after(borrower: Borrower, actor: Actor) -> None:
    """Let upper floors follow a change, in the same act."""
    for listener in registry.change_listeners:
        listener(borrower, actor)
