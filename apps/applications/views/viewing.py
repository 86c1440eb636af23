"""A document in the page: its pages as pictures with the reader's mark, its verdict beside them, the original to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.access.services import can
from apps.applications import forms, services
from apps.applications.models import Document
from apps.applications.selectors.viewing import place_of
from apps.applications.services.documents import document_draw, document_drawn, document_look
from apps.applications.uploads.inspecting import plain_name
from apps.applications.views.finding import document_of, found_case, label_of
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.showing import Paper, paper_of, picture_of
from apps.vault.models import EncryptedFile
from apps.workflow.states import State


@requires(Permission.DOCUMENT_VIEW)
@require_safe
@never_cache
def document(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """One document with its pages, its neighbours and its verdict; the look is recorded."""
    actor, case = found_case(request, number, Permission.DOCUMENT_VIEW)
    found = document_of(case, document)
    paper = paper_of(
        request, found, content_type=found.file.content_type,
        look=lambda: document_look(actor=actor, document=found),
        page_url=lambda page: reverse("applications:document_page", args=[number, found.pk, page]),
    )  # fmt: skip
    shown = {
        "case": case, "document": found, "label": label_of(found), "name": name_shown(found.file, paper), "paper": paper,
        "place": place_of(case, found.pk), "reject_form": forms.RejectForm(),
        "may_judge": case.state != State.COMPLETED and bool(can(actor, Permission.APPLICATION_ACCEPT, case)),
        "file_url": reverse("applications:document_file", args=[number, found.pk]),
    }  # fmt: skip
    return render(request, "applications/document.html", shown)


@requires(Permission.DOCUMENT_VIEW)
@require_safe
@never_cache
def document_page(request: HttpRequest, number: str, document: int, page: int) -> HttpResponse:
    """The picture of one page, for who has opened the document's page; from then on the document counts as opened."""
    actor, case = found_case(request, number, Permission.DOCUMENT_VIEW)
    found = document_of(case, document)
    response = picture_of(
        request, found, content_type=found.file.content_type, page=page, case_number=case.number,
        look=lambda: document_draw(actor=actor, document=found),
    )  # fmt: skip
    document_drawn(actor=actor, document=found)
    return response


@requires(Permission.DOCUMENT_VIEW)
@require_safe
@never_cache
def document_file(request: HttpRequest, number: str, document: int) -> HttpResponseBase:
    """The original, to be taken away; recorded first."""
    actor, case = found_case(request, number, Permission.DOCUMENT_VIEW)
    found: Document = document_of(case, document)
    response = StreamingHttpResponse(
        services.document_open(actor=actor, document=found), content_type=found.file.content_type
    )
    return taken_away(response, found.file)


def taken_away(response: StreamingHttpResponse, file: EncryptedFile) -> StreamingHttpResponse:
    """The response as a file that is saved, never shown by the browser: nobody knows what a stranger's file does there."""
    name = plain_name(str(file.original_name.reveal()))
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def name_shown(file: EncryptedFile, paper: Paper) -> str:
    """The file's name without what deceives; masked while nothing of the file was opened."""
    return str(file.original_name.masked) if paper.problem else plain_name(str(file.original_name.reveal()))
