"""The first page: what waits, what is late, what happened; for leads the load of their people. And the notices."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.access.looks import list_seen
from apps.access.roles import permissions_of
from apps.audit.tags import Tag
from apps.console.navigation import address
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires, signed_in
from apps.workflow.rows import rows_of
from apps.workflow.selectors import CaseFilter, cases_counted, cases_visible_to, work
from apps.workflow.selectors.load import loads
from apps.workflow.services.notices import notices_read
from apps.workflow.services.steps import workable

FEW = 8


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Home by role; a borrower's home is the portal."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.is_borrower and (portal := address("portal:home")):
        return redirect(portal)
    held = permissions_of(actor.role_names)
    shown: dict[str, Any] = {"notices": work.notices_of(actor, limit=FEW).rows}
    if Permission.CASE_CLAIM in held:
        shown |= _own_work(actor)
    if Permission.CASE_REASSIGN in held:
        shown |= {"leads": True, "loads": loads(actor)}
    if "rows" in shown:
        list_seen(request, Tag.CASES_LISTED, len(shown["rows"]))
    return render(request, "console/home.html", shown)


def _own_work(actor: Actor) -> dict[str, Any]:
    states = workable(actor)
    free = cases_counted(actor, CaseFilter(states=states, unheld=True)) if states else 0
    mine = cases_visible_to(actor, CaseFilter(holder_id=actor.person_id, states=work.ACTIVE, sort="due"), limit=FEW)
    return {
        "works": True,
        "rows": rows_of(mine),
        "held": work.held_count(actor),
        "late": work.late_count(actor),
        "free": free,
        "sort": "",
    }


@requires(Permission.CASE_VIEW)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The actor's notices, newest first."""
    page = work.notices_of(request.actor, request.GET.get("cursor", ""))  # type: ignore[attr-defined]
    return render(request, "console/notices.html", {"page": page, "notices": page.rows})


@requires(Permission.CASE_VIEW)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    count = notices_read(actor=request.actor)  # type: ignore[attr-defined]
    messages.success(
        request,
        ngettext("%(count)s notice marked as read.", "%(count)s notices marked as read.", count) % {"count": count},
    )
    return redirect("console:notices")
