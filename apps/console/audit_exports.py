"""A reader's own exports of the log that were written in the background: how far they are, and their files."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.audit.models import AuditExport, ExportState
from apps.audit.orders import events_of
from apps.audit.services.exports import export_take, exports_of
from apps.console.audit_forms import FORMATS
from apps.console.audit_scope import refuse_outgrown
from apps.core.permissions import Permission
from apps.core.requires import requires


@requires(Permission.AUDIT_EXPORT)
@never_cache
@require_safe
def exports(request: Any) -> HttpResponse:
    """Show the reader's exports, newest first."""
    rows = exports_of(request.actor)
    words = dict(FORMATS)
    answers = events_of(row.answer for row in rows if row.answer)
    shown = [
        {"row": row, "words": words.get(row.form, row.form), "answer": answers.get(row.answer or 0)} for row in rows
    ]
    under_way = any(row.state in {ExportState.WAITING, ExportState.RUNNING} for row in rows)
    return render(request, "console/audit_exports.html", {"rows": shown, "under_way": under_way})


@requires(Permission.AUDIT_EXPORT, step_up=True)
@never_cache
@require_POST
def export_file(request: Any, uuid: uuids.UUID) -> StreamingHttpResponse:
    """Hand out the file of an export, which is on record by then."""
    row = AuditExport.objects.filter(uuid=uuid).select_related("file").first()
    if row is None:
        raise Http404
    refuse_outgrown(request.actor, row)
    pieces = export_take(actor=request.actor, row=row)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="audit-{row.asked_at:%Y%m%d-%H%M%S}-{row.form}.zip"'
    return response
