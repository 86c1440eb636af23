"""Documents: added, accepted, rejected; ``viewing`` shows them."""

from __future__ import annotations

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.applications import forms, services
from apps.applications.models import Document
from apps.applications.selectors.viewing import place_of
from apps.applications.views.finding import FORM_METHODS, document_of, found_case, label_of, stage_url, uploads_of
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import LoanCase


@requires(Permission.DOCUMENT_ADD)
@require_http_methods(FORM_METHODS)
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Take a file in; ``?code=`` says what it is beforehand."""
    actor, case = found_case(request, number, Permission.DOCUMENT_ADD)
    return post_form(
        request, forms.DocumentForm, success=_("The document was added."), success_url=stage_url(case, "documents"),
        initial={"code": request.GET.get("code", "")}, context={**_words(case, _("Add a document")), **uploads_of(case, stage_url(case, "documents"))},
        service=lambda cleaned: services.document_add(
            actor=actor, case=case, code=cleaned["code"], stream=cleaned["file"].file, name=cleaned["file"].name
        ),
    )  # fmt: skip


@requires(Permission.APPLICATION_ACCEPT)
@require_http_methods(FORM_METHODS)
def accept(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """Accept a document that the reader has opened."""
    actor, case = found_case(request, number, Permission.APPLICATION_ACCEPT)
    found = document_of(case, document)
    question = _("Is this what it should be, legible and in force: %(document)s?") % {"document": label_of(found)}
    return post_form(
        request, django_forms.Form, service=lambda _cleaned: services.document_verify(actor=actor, document=found),
        success=_("The document was accepted."), success_url=lambda _row: _onward(request, case, found), template="core/confirm.html",
        context={**_words(case, _("Accept the document")), "question": question, "submit_label": _("Accept")},
    )  # fmt: skip


@requires(Permission.APPLICATION_ACCEPT)
@require_http_methods(FORM_METHODS)
def reject(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """Reject a document and say why."""
    actor, case = found_case(request, number, Permission.APPLICATION_ACCEPT)
    found = document_of(case, document)
    return post_form(
        request, forms.RejectForm, success=_("The document was rejected."), success_url=lambda _row: _onward(request, case, found),
        service=lambda cleaned: services.document_reject(actor=actor, document=found, why=cleaned["why"]),
        context={**_words(case, _("Reject the document")), "lead": label_of(found), "submit_label": _("Reject"), "danger": True},
    )  # fmt: skip


def _onward(request: HttpRequest, case: LoanCase, judged: Document) -> str:
    """Back to the list; who judges in the viewer goes on to the next document that waits."""
    waiting = place_of(case, judged.pk).waiting if "on" in request.GET else None
    return (
        stage_url(case, "documents")
        if waiting is None
        else reverse("applications:document", args=[case.number, waiting])
    )


def _words(case: LoanCase, title: object) -> dict[str, object]:
    return {"title": title, "case": case, "back_url": stage_url(case, "documents"),
            "back_label": f"{case.number} · {case.borrower.legal_name}"}  # fmt: skip
