"""The log's newest head as a page to be printed and filed: whoever compares the sheet later finds out a log that was changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.audit.cosigners import witnessed
from apps.audit.overview import head_sheet, sealing
from apps.audit.timestamps import stamped
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def head(request: Any) -> HttpResponse:
    """Show the newest head with its witnesses' lines, the newest time-stamp, the keys that sign heads, and what waits to be sealed."""
    shown = {"sheet": head_sheet(), "sealing": sealing(), "witnessed": witnessed(), "stamped": stamped()}
    return render(request, "console/audit_head.html", shown)
