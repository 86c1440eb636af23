"""Versions of the application: who kept which and why, and any two of them side by side."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.applications.selectors.comparing import versions_compared
from apps.applications.views.finding import found_case
from apps.core.permissions import Permission
from apps.core.requires import requires

LONGEST = 6


@requires(Permission.CASE_VIEW)
@require_safe
def versions(request: HttpRequest, number: str) -> HttpResponse:
    """All versions, and ``?left=1&right=3`` compared, or the last two; the look is recorded."""
    actor, case = found_case(request, number, Permission.CASE_VIEW)
    left, right = (_number(request.GET.get(side, "")) for side in ("left", "right"))
    shown = versions_compared(actor, case, left, right)
    return render(request, "applications/versions.html", {"case": case, "shown": shown})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None
