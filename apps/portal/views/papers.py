"""Papers to take away: letters, contract, statement, and what the business has handed in itself."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.applications.services import document_open
from apps.approval.selectors.offers import letter_open
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement.services.reading import contract_open
from apps.portal import papers, selectors
from apps.post_loan.selectors import loan_get
from apps.workflow.selectors import case_get

PDF = "application/pdf"
LANGUAGES = ("en", "zh-hans")
INLINE = frozenset({PDF, "image/jpeg", "image/png"})


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def letter(request: HttpRequest, number: str, letter: int) -> FileResponse:
    """An offer or decline letter."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    opened = letter_open(actor, case_get(actor, number), letter, permission=Permission.CASE_VIEW)
    return FileResponse(opened.content, content_type=PDF, filename=opened.name)


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def contract(request: HttpRequest, number: str, language: str) -> FileResponse:
    """The sealed contract in one of its languages."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number)
    if language not in LANGUAGES:
        raise NotVisible(subject=case)
    stream = contract_open(actor=actor, case=case, language=language)
    return FileResponse(stream, content_type=PDF, filename=f"{case.number}-contract-{language}.pdf")


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def statement(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The statement of a loan, as PDF or CSV."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    loan = loan_get(actor, number)
    if form not in ("pdf", "csv"):
        raise NotVisible(subject=loan)
    made = papers.statement_pdf(actor, loan) if form == "pdf" else papers.statement_csv(actor, loan)
    response = HttpResponse(made, content_type=PDF if form == "pdf" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{loan.number}-statement.{form}"'
    return response


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def own_document(request: HttpRequest, number: str, document: int) -> HttpResponseBase:
    """A document that the business has handed in itself."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = selectors.document_get(case_get(actor, number), document)
    kept = found.file
    response = StreamingHttpResponse(document_open(actor=actor, document=found), content_type=kept.content_type)
    response["Content-Length"] = str(kept.size)
    saved = kept.content_type not in INLINE
    response["Content-Disposition"] = content_disposition_header(saved, str(kept.original_name.reveal())) or "inline"
    return response
