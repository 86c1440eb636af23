"""Ending the sessions of a colleague, or of everybody at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.directory import staff_named
from apps.access.services.sessions import everybodys_sessions_end, staff_sessions_end
from apps.console.people import FORM, back_to
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.PEOPLE_SUSPEND, step_up=True)
@FORM
def sessions_end(request: Any, handle: str) -> HttpResponse:
    """End all sessions of a colleague."""
    account = staff_named(actor=request.actor, handle=handle)
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("The sessions have ended."),
        service=lambda _data: staff_sessions_end(actor=request.actor, account=account),
        success_url=reverse("console:person", args=[handle]),
        context={
            "title": _("End the sessions of %(handle)s") % {"handle": handle}, "danger": True, "submit_label": _("End the sessions"),
            "question": _("This person is signed out everywhere at once and may sign in again."),
            **back_to(handle),
        },
    )  # fmt: skip


@requires(Permission.PEOPLE_SUSPEND, step_up=True)
@FORM
def all_sessions_end(request: Any) -> HttpResponse:
    """End everybody's sessions but one's own."""
    return post_form(
        request, CleanForm, template="core/confirm.html", success=gettext_lazy("All other sessions have ended."),
        service=lambda _data: everybodys_sessions_end(actor=request.actor),
        success_url=reverse("console:people"),
        context={
            "title": _("End all sessions"), "danger": True, "submit_label": _("End all sessions"),
            "question": _("Everybody but you is signed out at once, borrowers too, and may sign in again."),
            "consequences": [_("What people have typed is kept for them.")],
            "back_url": reverse("console:people"), "back_label": _("People"),
        },
    )  # fmt: skip
