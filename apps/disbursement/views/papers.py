"""Scans of evidence, signatures and invoices; opening each is recorded."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_GET

from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement.selectors.pages import drawdown_of, evidence_of, party_line
from apps.disbursement.services.reading import Scanned, paper_open
from apps.workflow.selectors import case_get


def _file(request: HttpRequest, number: str, found: Scanned) -> FileResponse:
    actor = request.actor  # type: ignore[attr-defined]
    stream, file = paper_open(actor=actor, case=case_get(actor, number, Permission.PAYMENT_VIEW), row=found)
    return FileResponse(
        stream, as_attachment=True, content_type=file.content_type, filename=file.original_name.reveal()
    )


@requires(Permission.PAYMENT_VIEW)
@require_GET
def evidence(request: HttpRequest, number: str, evidence: int) -> FileResponse:
    """The document given for a condition."""
    return _file(request, number, evidence_of(case_get(request.actor, number), evidence))  # type: ignore[attr-defined]


@requires(Permission.PAYMENT_VIEW)
@require_GET
def signature(request: HttpRequest, number: str, line: int) -> FileResponse:
    """The scanned page that a party signed."""
    return _file(request, number, party_line(case_get(request.actor, number), line))  # type: ignore[attr-defined]


@requires(Permission.PAYMENT_VIEW)
@require_GET
def invoice(request: HttpRequest, number: str, drawdown: int) -> FileResponse:
    """The supplier's invoice of a payment."""
    return _file(request, number, drawdown_of(case_get(request.actor, number), drawdown))  # type: ignore[attr-defined]
