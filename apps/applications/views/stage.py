"""The stage page: every section with what it holds, what it misses, and its small forms behind a button."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.access.services import can
from apps.applications.selectors import application_read
from apps.applications.selectors.stage import stage_shown
from apps.applications.views.finding import found_case
from apps.core.actor import Actor
from apps.core.gathered import gather
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.buttons import buttons_for
from apps.workflow.models import LoanCase
from apps.workflow.states import State


@requires(Permission.CASE_VIEW)
@require_safe
def stage(request: HttpRequest, number: str) -> HttpResponse:
    """The application of a case; reading its words is recorded."""
    actor, case = found_case(request, number, Permission.CASE_VIEW)
    gather(case, case.borrower)
    words = application_read(actor, case)
    shown = {
        "case": case, "words": words, "shown": stage_shown(case, actor), "borrower": case.borrower,
        "buttons": buttons_for(case, actor), **rights(actor, case),
    }  # fmt: skip
    return render(request, "applications/stage.html", shown)


def rights(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """What the reader may do here; buttons derive from it."""
    drafting, open_case = case.state == State.DRAFT, case.is_open
    unsettled = case.state != State.COMPLETED  # an ended case takes what it is reopened with
    may_promise = unsettled and bool(can(actor, Permission.APPLICATION_EDIT, case))
    return {
        "may_edit": drafting and bool(can(actor, Permission.APPLICATION_EDIT, case)),
        "may_promise": may_promise,
        "may_declare": may_promise and (drafting or not open_case),
        "may_add": unsettled and bool(can(actor, Permission.DOCUMENT_ADD, case)),
        "may_open": bool(can(actor, Permission.DOCUMENT_VIEW, case)),
        "may_judge": unsettled and bool(can(actor, Permission.APPLICATION_ACCEPT, case)),
        "may_check": unsettled and bool(can(actor, Permission.IDENTITY_CHECK, case)),
        "may_visit": open_case and not drafting and bool(can(actor, Permission.VISIT_REPORT, case)),
        "may_reveal": bool(can(actor, Permission.BORROWER_REVEAL, case.borrower)),
        "own_id": actor.person_id,
    }
