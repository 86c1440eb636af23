"""The one entry to a case for disbursement's own acts: locked, authorised, in a fitting state, nothing frozen.

What the process table knows goes through ``advance()``, which asks the same; everything else comes in here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.borrowers.models import Borrower, BorrowerGroup
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.services import case_lock


def case_enter(
    case: LoanCase,
    *,
    actor: Actor,
    version: int | None,
    permission: Permission,
    states: Collection[str] = (),
    words: Any = "",
) -> LoanCase:
    """Lock a case for an act; raises ``Stale``, ``NotVisible``, or ``Refused`` by right, state (``words``) or freeze."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, permission, locked)
    if states and locked.state not in states:
        raise Refused("state", words, subject=locked)
    refuse_frozen(locked)
    return locked


def refuse_frozen(case: LoanCase, *, hold: bool = False) -> None:
    """Refuse while the case, its borrower or the borrower's group is frozen.

    ``hold`` looks under the locks that a freeze takes: what follows in the act then comes before a freeze or not at all.
    """
    borrowers, groups = Borrower.objects.all(), BorrowerGroup.objects.all()
    if hold:
        borrowers, groups = borrowers.select_for_update(of=("self",)), groups.select_for_update()
    borrower = borrowers.get(pk=case.borrower_id)
    group = groups.filter(pk=borrower.group_id or 0).first()
    if case.is_frozen or borrower.frozen or (group is not None and group.frozen):
        raise Refused(
            "frozen",
            _("The case, its borrower or the group is frozen; nothing happens until another person lifts the freeze."),
            subject=case,
        )
