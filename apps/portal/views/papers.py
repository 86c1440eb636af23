"""Papers to take away: letters, contract, statement, and what the business has handed in itself."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.applications.models import Document
from apps.applications.services import document_open
from apps.applications.services.documents import document_draw, document_look
from apps.applications.views.finding import label_of
from apps.applications.views.viewing import taken_away
from apps.approval.selectors.offers import letter_open
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.showing import paper_of, picture_of
from apps.disbursement.services.reading import contract_open
from apps.portal import papers, selectors
from apps.portal.forms import PeriodForm
from apps.portal.loans import Period
from apps.post_loan.selectors import loan_get
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get

PDF = "application/pdf"
LANGUAGES = ("en", "zh-hans")


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
    """The statement of a loan, whole or for a period, as PDF or CSV."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    loan = loan_get(actor, number)
    if form not in ("pdf", "csv"):
        raise NotVisible(subject=loan)
    asked = PeriodForm(request.GET)
    if not asked.is_valid():
        raise BadInput({name: list(lines) for name, lines in asked.errors.items()})
    period = Period(asked.cleaned_data["begins"], asked.cleaned_data["ends"])
    make = papers.statement_pdf if form == "pdf" else papers.statement_csv
    made = make(actor, loan, period)
    response = HttpResponse(made, content_type=PDF if form == "pdf" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{loan.number}-statement.{form}"'
    return response


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def own_document(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """A document that the business has handed in itself, in the page."""
    actor, case, found = _own(request, number, document)
    paper = paper_of(
        request, found, content_type=found.file.content_type, look=lambda: document_look(actor=actor, document=found),
        page_url=lambda page: reverse("portal:own_document_page", args=[number, document, page]),
    )  # fmt: skip
    file_url = reverse("portal:own_document_file", args=[number, document])
    shown = {"case": case, "label": label_of(found), "paper": paper, "file_url": file_url}
    return render(request, "portal/document.html", shown)


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def own_document_page(request: HttpRequest, number: str, document: int, page: int) -> HttpResponse:
    """The picture of one page of it."""
    actor, case, found = _own(request, number, document)
    return picture_of(
        request, found, content_type=found.file.content_type, page=page, case_number=case.number,
        look=lambda: document_draw(actor=actor, document=found),
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@never_cache
@require_safe
def own_document_file(request: HttpRequest, number: str, document: int) -> HttpResponseBase:
    """The original of it."""
    actor, _case, found = _own(request, number, document)
    content = document_open(actor=actor, document=found)
    return taken_away(StreamingHttpResponse(content, content_type=found.file.content_type), found.file)


def _own(request: HttpRequest, number: str, document: int) -> tuple[Actor, LoanCase, Document]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number)
    return actor, case, selectors.document_get(case, document)
