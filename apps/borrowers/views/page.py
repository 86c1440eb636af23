"""The borrower's page: masked fields, people, accounts, and what upper floors show of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from apps.access.services import can
from apps.borrowers import registry
from apps.borrowers.acting import accesses_of, ties_of
from apps.borrowers.models import Borrower
from apps.borrowers.selectors import borrower_get, borrower_shown, may_freeze_group
from apps.borrowers.services import borrower_opened
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.BORROWER_VIEW)
@require_safe
def borrower(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a borrower that the reader may see; opening it is recorded."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = borrower_get(actor, pk)
    borrower_opened(actor=actor, borrower=found, task="task:file")
    shown = {"borrower": borrower_shown(found), "sections": _sections(found, actor, request), **rights(actor, found)}
    shown["accesses"] = accesses_of(found)
    shown["ties"] = ties_of(actor, found) if shown["may_freeze"] else []
    return render(request, "borrowers/borrower.html", shown)


def rights(actor: Actor, borrower: Borrower) -> dict[str, Any]:
    """What the reader may do here; buttons derive from it."""
    return {
        "may_edit": bool(can(actor, Permission.BORROWER_EDIT, borrower)),
        "may_reveal": bool(can(actor, Permission.BORROWER_REVEAL, borrower)),
        "may_invite": bool(can(actor, Permission.BORROWER_INVITE, borrower)),
        "may_freeze": bool(can(actor, Permission.BORROWER_FREEZE, borrower)),
        "may_freeze_group": may_freeze_group(actor, borrower),
        "own_id": actor.person_id,
    }


def _sections(borrower: Borrower, actor: Actor, request: HttpRequest) -> list[str]:
    drawn: list[str] = []
    for section in registry.sections.values():
        shown = section.build(borrower, actor) if can(actor, section.permission, borrower) else None
        if shown is not None:
            drawn.append(render_to_string(section.template, {**shown, "actor": actor}, request))
    return drawn
