"""The page that draws the process from its table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.access.roles import permissions_held
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.chart import lines
from apps.workflow.picture import picture


@requires(Permission.PROCESS_VIEW)
@require_safe
def process(request: HttpRequest) -> HttpResponse:
    """Every state, every step, who takes it and what must hold; the reader's own steps stand first and are marked."""
    held = permissions_held(request.actor.held)  # type: ignore[attr-defined]
    marked = [(line, line.by_person and line.permission in held) for line in lines()]
    own = [line for line, is_own in marked if is_own]
    return render(request, "console/process.html", {"picture": picture(), "lines": marked, "own": own})
