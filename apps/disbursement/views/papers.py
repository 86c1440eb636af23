"""Scans of evidence, signatures and invoices, page by page with the reader's mark; opening each is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.applications.uploads.inspecting import plain_name
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.showing import paper_of, picture_of
from apps.disbursement.selectors.pages import drawdown_of, evidence_of, party_line
from apps.disbursement.services.reading import (
    Scanned,
    paper_draw,
    paper_drawn,
    paper_file,
    paper_look,
    paper_open,
)
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get

SORTS: dict[str, tuple[Callable[[LoanCase, int], Scanned], Any, str]] = {
    "evidence": (evidence_of, _("Evidence of a condition"), "disbursement:conditions"),
    "signature": (party_line, _("Signed page"), "disbursement:contract"),
    "invoice": (drawdown_of, _("Supplier's invoice"), "disbursement:payments"),
}
"""Sorts of papers: how a row is found, what it is called, and the page it belongs to."""


def _found(request: HttpRequest, number: str, sort: str, pk: int) -> tuple[Any, LoanCase, Scanned]:
    """Who looks, the case and the row; raises ``NotVisible``."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_VIEW)
    if sort not in SORTS:
        raise NotVisible(subject=case, action="paper")
    return actor, case, SORTS[sort][0](case, pk)


@requires(Permission.PAYMENT_VIEW)
@require_safe
@never_cache
def paper(request: HttpRequest, number: str, sort: str, pk: int) -> HttpResponse:
    """The page of a paper; the look is recorded."""
    actor, case, row = _found(request, number, sort, pk)
    file, (_find, title, home) = paper_file(actor=actor, case=case, row=row), SORTS[sort]
    shown = paper_of(
        request, row, content_type=file.content_type, look=lambda: paper_look(actor=actor, case=case, row=row),
        page_url=lambda page: reverse("disbursement:paper_page", args=[number, sort, pk, page]),
    )  # fmt: skip
    return render(request, "disbursement/paper.html", {
        "case": case, "title": title, "paper": shown, "home_url": reverse(home, args=[number]),
        "file_url": reverse("disbursement:paper_file", args=[number, sort, pk]),
    })  # fmt: skip


@requires(Permission.PAYMENT_VIEW)
@require_safe
@never_cache
def paper_page(request: HttpRequest, number: str, sort: str, pk: int, page: int) -> HttpResponse:
    """The picture of one page; from then on evidence counts as opened."""
    actor, case, row = _found(request, number, sort, pk)
    response = picture_of(
        request, row, content_type=paper_file(actor=actor, case=case, row=row).content_type, page=page,
        look=lambda: paper_draw(actor=actor, case=case, row=row), case_number=case.number,
    )  # fmt: skip
    paper_drawn(actor=actor, case=case, row=row)
    return response


@requires(Permission.PAYMENT_VIEW)
@require_safe
@never_cache
def paper_taken(request: HttpRequest, number: str, sort: str, pk: int) -> FileResponse:
    """The original, to be taken away; recorded first."""
    actor, case, row = _found(request, number, sort, pk)
    stream, file = paper_open(actor=actor, case=case, row=row)
    return FileResponse(
        stream,
        as_attachment=True,
        content_type=file.content_type,
        filename=plain_name(str(file.original_name.reveal())),
    )
