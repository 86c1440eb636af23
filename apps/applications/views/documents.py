"""Documents: added, opened, accepted, rejected."""

from __future__ import annotations

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.applications import forms, services
from apps.applications.kinds import kinds_known
from apps.applications.models import Document
from apps.applications.views.finding import FORM_METHODS, found_case, row_of, stage_url
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import LoanCase

SHOWN_INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})


@requires(Permission.DOCUMENT_ADD)
@require_http_methods(FORM_METHODS)
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Take a file in; ``?code=`` says what it is beforehand."""
    actor, case = found_case(request, number, Permission.DOCUMENT_ADD)
    return post_form(
        request, forms.DocumentForm, success=_("The document was added."), success_url=stage_url(case, "documents"),
        initial={"code": request.GET.get("code", "")}, context=_words(case, _("Add a document")),
        service=lambda cleaned: services.document_add(
            actor=actor, case=case, code=cleaned["code"], stream=cleaned["file"].file, name=cleaned["file"].name
        ),
    )  # fmt: skip


@requires(Permission.DOCUMENT_VIEW)
@require_safe
@never_cache
def open_document(request: HttpRequest, number: str, document: int) -> HttpResponseBase:
    """Stream a document's content; opening is recorded first. ``?download=1`` saves instead of showing."""
    actor, case = found_case(request, number, Permission.DOCUMENT_VIEW)
    found = _document(case, document)
    chunks = services.document_open(actor=actor, document=found)
    content_type = found.file.content_type
    saved = "download" in request.GET or content_type not in SHOWN_INLINE
    response = StreamingHttpResponse(chunks, content_type=content_type)
    response["Content-Length"] = str(found.file.size)
    response["Content-Disposition"] = (
        content_disposition_header(saved, str(found.file.original_name.reveal())) or "inline"
    )
    return response


@requires(Permission.APPLICATION_ACCEPT)
@require_http_methods(FORM_METHODS)
def accept(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """Accept a document that the reader has opened."""
    actor, case = found_case(request, number, Permission.APPLICATION_ACCEPT)
    found = _document(case, document)
    question = _("Is this what it should be, legible and in force: %(document)s?") % {"document": _label(found)}
    return post_form(
        request, django_forms.Form, service=lambda _cleaned: services.document_verify(actor=actor, document=found),
        success=_("The document was accepted."), success_url=stage_url(case, "documents"), template="core/confirm.html",
        context={**_words(case, _("Accept the document")), "question": question, "submit_label": _("Accept")},
    )  # fmt: skip


@requires(Permission.APPLICATION_ACCEPT)
@require_http_methods(FORM_METHODS)
def reject(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """Reject a document and say why."""
    actor, case = found_case(request, number, Permission.APPLICATION_ACCEPT)
    found = _document(case, document)
    return post_form(
        request, forms.RejectForm, success=_("The document was rejected."), success_url=stage_url(case, "documents"),
        service=lambda cleaned: services.document_reject(actor=actor, document=found, why=cleaned["why"]),
        context={**_words(case, _("Reject the document")), "lead": _label(found), "submit_label": _("Reject"), "danger": True},
    )  # fmt: skip


def _document(case: LoanCase, pk: int) -> Document:
    return row_of(Document.objects.filter(case=case).select_related("file__owner", "case__borrower"), pk, case)


def _label(document: Document) -> str:
    return str(kinds_known().get(document.code, document.code))


def _words(case: LoanCase, title: object) -> dict[str, object]:
    return {"title": title, "case": case, "back_url": stage_url(case, "documents"),
            "back_label": f"{case.number} · {case.borrower.legal_name}"}  # fmt: skip
