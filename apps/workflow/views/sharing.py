"""Who can see a case and why; sharing it with a colleague outside, keeping somebody off it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.access.services import can
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.pages import done, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.forms import BlockForm, ShareForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.selectors.sharing import case_for_sight, sight_of
from apps.workflow.services import sharing

GRANT = Permission.OBJECT_GRANT
FORM = ["GET", "HEAD", "POST"]


def _address(case: LoanCase) -> str:
    return reverse("workflow:access", args=[case.number])


@requires(Permission.SIGHT_VIEW)
@never_cache
@require_safe
def access(request: HttpRequest, number: str) -> HttpResponse:
    """Who can see the case, and why; the look goes on record before it is shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_for_sight(actor, number)
    record_read(Tag.SIGHT_OPENED, actor=actor, subject=found, case=found)
    shown = {
        "case": found, "sight": sight_of(actor, found), "may_grant": can(actor, GRANT, found).allowed,
        "may_open": can(actor, Permission.CASE_VIEW, found).allowed,
    }  # fmt: skip
    return render(request, "workflow/access.html", shown)


@requires(GRANT)
@require_http_methods(FORM)
def share(request: HttpRequest, number: str) -> HttpResponse:
    """Share the case with a colleague for a time."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number, GRANT)
    return post_form(
        request, ShareForm, context=_words(found, _("Share the case"), _("Share the case")), success_url=_address(found),
        success=_("The case is shared."), service=lambda cleaned: sharing.case_share(actor=actor, case=found, **cleaned),
    )  # fmt: skip


@requires(GRANT)
@require_http_methods(FORM)
def block(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a colleague off the case."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number, GRANT)
    return post_form(
        request, BlockForm, context=_words(found, _("Keep somebody off the case"), _("Keep off")), success_url=_address(found),
        success=_("This person sees nothing of the case any more."),
        service=lambda cleaned: sharing.case_block(actor=actor, case=found, **cleaned),
    )  # fmt: skip


@requires(GRANT)
@require_POST
def share_end(request: HttpRequest, number: str, share: int) -> HttpResponse:
    """End a share."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number, GRANT)
    sharing.case_share_end(actor=actor, case=found, share=share)
    return done(request, _address(found), _("The case is no longer shared with this person."))


@requires(GRANT)
@require_POST
def unblock(request: HttpRequest, number: str, block: int) -> HttpResponse:
    """Lift a block."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number, GRANT)
    sharing.case_unblock(actor=actor, case=found, block=block)
    return done(request, _address(found), _("The block is lifted."))


def _words(case: LoanCase, title: Any, submit: Any) -> dict[str, Any]:
    return {
        "title": title, "submit_label": submit, "back_url": _address(case),
        "back_label": f"{case.number} · {case.borrower.legal_name}",
    }  # fmt: skip
