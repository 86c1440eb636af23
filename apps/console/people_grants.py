"""Roles that wait for others to agree: the list, and agreeing to one or rejecting it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.access.directory import grant_waiting, grants_page
from apps.access.models import RoleGrant
from apps.access.services import grant_approve, grant_reject
from apps.console.abilities import over_people
from apps.console.people import FORM
from apps.console.people_forms import ReasonForm
from apps.core.forms import CleanForm
from apps.core.labels import labelled
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires

AGREE = (Permission.ROLE_APPROVE, Permission.ROLE_ENDORSE, Permission.ROLE_CONFIRM)


@requires(Permission.PEOPLE_VIEW, Permission.ROLE_ENDORSE)
@require_safe
def grants(request: Any) -> HttpResponse:
    """List the roles that wait."""
    page = grants_page(actor=request.actor, cursor=request.GET.get("cursor", ""))
    return render(request, "console/people_grants.html", {"page": page, **over_people(request.actor)})


@requires(*AGREE, step_up=True)
@FORM
def approve(request: Any, uuid: UUID) -> HttpResponse:
    """Agree to a role that an administrator asked for."""
    asked, handle = grant_waiting(actor=request.actor, uuid=uuid)
    return post_form(
        request, CleanForm, template="core/confirm.html",
        success=gettext_lazy("You have agreed. The role counts once all have."),
        service=lambda _data: grant_approve(actor=request.actor, grant=asked), success_url=reverse("console:grants"),
        context={
            "title": _("Agree to a role of %(handle)s") % {"handle": handle}, "submit_label": _("Agree"),
            "question": _where(asked),
            "consequences": [
                labelled(_("Reason"), asked.reason.words),
                _("Make sure with somebody other than who asked that this person is to hold this role."),
            ],
            **_back(),
        },
    )  # fmt: skip


@requires(*AGREE, step_up=True)
@FORM
def reject(request: Any, uuid: UUID) -> HttpResponse:
    """Reject a role that waits, or take back one's own request."""
    asked, handle = grant_waiting(actor=request.actor, uuid=uuid)
    return post_form(
        request, ReasonForm, template="core/confirm.html", success=gettext_lazy("The role is rejected."),
        service=lambda data: grant_reject(actor=request.actor, grant=asked, reason=data["reason"]),
        success_url=reverse("console:grants"),
        context={
            "title": _("Reject a role of %(handle)s") % {"handle": handle}, "danger": True, "submit_label": _("Reject"),
            "question": _where(asked), **_back(),
        },
    )  # fmt: skip


def _where(asked: RoleGrant) -> str:
    return f"{asked.role_label} · {asked.where_words}"


def _back() -> dict[str, Any]:
    return {"back_url": reverse("console:grants"), "back_label": _("Roles to agree to")}
