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

NOTE = "head.txt"


@requires(Permission.AUDIT_VIEW)
@never_cache
@require_safe
def head(request: Any) -> HttpResponse:
    """Show the newest head with its witnesses' lines, the newest time-stamp, the keys that sign heads, and what waits to be sealed;
    ``?take=head.txt`` hands the note out as a file to be kept.
    """
    if request.GET.get("take") == NOTE and (sheet := head_sheet()) is not None:
        taken = HttpResponse(sheet.note, content_type="text/plain; charset=utf-8")
        taken["Content-Disposition"] = f'attachment; filename="{NOTE}"'
        return taken
    shown = {"sheet": head_sheet(), "sealing": sealing(), "witnessed": witnessed(), "stamped": stamped()}
    return render(request, "console/audit_head.html", shown)
