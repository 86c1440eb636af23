"""A reader's own exports of the log that were written in the background: how far they are, and their files."""

from __future__ import annotations

import hashlib
import uuid as uuids
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.orders import events_of, question_of
from apps.audit.selectors import WHOLE_LOG
from apps.audit.services.exporting import BUNDLE
from apps.audit.services.exports import export_take, exports_of
from apps.audit.standalone import loanflow_verify
from apps.console.audit_forms import FORMATS, filter_words
from apps.console.audit_scope import refuse_outgrown
from apps.core.permissions import Permission
from apps.core.requires import requires

VERIFIER = Path(loanflow_verify.__file__)


@requires(Permission.AUDIT_EXPORT)
@never_cache
@require_safe
def exports(request: Any) -> HttpResponse:
    """Show the reader's exports, newest first, and hand out the program that verifies bundles."""
    if request.GET.get("take") == VERIFIER.name:
        return _verifier()
    rows = exports_of(request.actor)
    words, told = dict(FORMATS), events_of(number for row in rows for number in (row.event, row.answer) if number)
    shown = [
        {
            "row": row,
            "words": words.get(row.form, row.form),
            "answer": told.get(row.answer or 0),
            "asked": _asked(told.get(row.event)),
        }
        for row in rows
    ]
    under_way = any(row.state in {ExportState.WAITING, ExportState.RUNNING} for row in rows)
    bundles = any(row.form == BUNDLE for row in rows)
    verifier = {"name": VERIFIER.name, "sha256": hashlib.sha256(VERIFIER.read_bytes()).hexdigest()} if bundles else None
    return render(request, "console/audit_exports.html", {"rows": shown, "under_way": under_way, "verifier": verifier})


def _asked(event: AuditEvent | None) -> str:
    """What an export was asked of, in words: its case, its days; bounds that the reader's role sets are not repeated."""
    return filter_words(question_of(event.data["note"])[0], WHOLE_LOG, {}) if event is not None else ""


def _verifier() -> HttpResponse:
    """The program that verifies a bundle, as this installation has it."""
    response = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{VERIFIER.name}"'
    return response


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
