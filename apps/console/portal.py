"""The portal as the institution sets it: whether borrowers may register by themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.access.services.places import registration_switch
from apps.accounts.selectors import registration_open
from apps.core.permissions import Permission
from apps.core.requires import requires

MANAGE = Permission.PORTAL_MANAGE


@requires(MANAGE)
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """What the institution decides about the portal."""
    return render(request, "console/portal.html", {"is_open": registration_open()})


@requires(MANAGE, step_up=True)
@require_POST
def registration(request: HttpRequest) -> HttpResponse:
    """Let borrowers register by themselves, or by invitation only."""
    is_open = "open" in request.POST
    registration_switch(actor=request.actor, is_open=is_open)  # type: ignore[attr-defined]
    messages.success(request, _("Borrowers may register.") if is_open else _("The portal opens by invitation only."))
    return redirect("console:portal")
