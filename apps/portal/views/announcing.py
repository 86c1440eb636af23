"""Announcements: written and taken down by administrators, put away by whoever reads them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import clock
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires, signed_in
from apps.portal import announcements as board
from apps.portal.forms import AnnouncementForm
from apps.portal.views.cases import FORM

ANNOUNCE = Permission.ANNOUNCE


@requires(ANNOUNCE)
@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """All announcements, with where each stands."""
    return render(request, "portal/announcements.html", {"rows": board.announcements_all()})


@requires(ANNOUNCE, step_up=True)
@require_http_methods(FORM)
def announcement(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Write an announcement, or change one."""
    row, here = (board.announcement_get(pk) if pk else None), reverse("portal:announcements")
    return post_form(
        request, AnnouncementForm, success_url=here, success=gettext_lazy("The announcement is saved."),
        service=lambda cleaned: board.announce(actor=request.actor, announcement=row, values=cleaned),  # type: ignore[attr-defined]
        initial={name: getattr(row, name) for name in board.FIELDS} if row else {"begins_at": clock.now(), "kind": "info"},
        context={
            "title": _("Change the announcement") if row else _("New announcement"), "back_url": here,
            "back_label": _("Announcements"), "submit_label": _("Publish"),
            "lead": _("It appears at its beginning and disappears at its end, without anybody's doing."),
        },
    )  # fmt: skip


@requires(ANNOUNCE, step_up=True)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an announcement down."""
    board.announcement_end(actor=request.actor, announcement=board.announcement_get(pk))  # type: ignore[attr-defined]
    messages.success(request, _("The announcement is taken down."))
    return redirect("portal:announcements")


@signed_in
@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an announcement away, for oneself."""
    board.announcement_put_away(actor=request.actor, announcement=board.announcement_get(pk))  # type: ignore[attr-defined]
    return redirect("console:home")
