"""The copy of one's own data: asking for it, how far it is, and the files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.borrowers.models import RequestKind
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal.forms import PrivacyAskForm
from apps.portal.privacy import privacy_ask
from apps.portal.request_lists import business_of, own_request, requests_of
from apps.portal.requesting import FORMS, data_ask, data_take
from apps.portal.views.cases import FORM
from apps.vault.files import open_stream

LABELS = {
    RequestKind.ACCESS: _("Ask what is kept, why, and who saw it"),
    RequestKind.CORRECTION: _("Ask for a correction"),
    RequestKind.DELETION: _("Ask for deletion"),
}
LEADS = {
    RequestKind.ACCESS: _("We answer in words. A copy of the data you ask for separately."),
    RequestKind.CORRECTION: _("We look at it, correct what is wrong, and tell you."),
    RequestKind.DELETION: _("We delete what no law makes us keep, and tell you what stays and until when."),
}


@requires(Permission.PORTAL_USE)
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """What can be asked for, and what became of earlier requests."""
    return render(request, "portal/my_data.html", requests_of(request.actor))  # type: ignore[attr-defined]


@requires(Permission.PORTAL_USE, step_up=True)
@require_http_methods(FORM)
def ask(request: HttpRequest, borrower: int) -> HttpResponse:
    """Ask for a copy, after a code that was just proved."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, here = business_of(actor, borrower), reverse("portal:my_data")
    return post_form(
        request, CleanForm, template="core/confirm.html", success_url=here,
        success=_("Your request is with us. We tell you by mail when there is an answer."),
        service=lambda _cleaned: data_ask(actor=actor, borrower=found),
        context={
            "title": _("Ask for my data"), "submit_label": _("Ask for my data"), "back_url": here, "back_label": _("My data"),
            "question": _("Do you want a copy of what we hold about you, and about %(business)s as far as you act for it?")
            % {"business": found.legal_name},
        },
    )  # fmt: skip


@requires(Permission.PORTAL_USE, step_up=True)
@require_http_methods(FORM)
def ask_about(request: HttpRequest, borrower: int, kind: str) -> HttpResponse:
    """Ask what is kept, for a correction or for deletion, after a code that was just proved."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, here = business_of(actor, borrower), reverse("portal:my_data")
    if kind not in RequestKind.values:
        raise NotVisible(subject=found, action=Permission.PORTAL_USE)
    return post_form(
        request, PrivacyAskForm, success_url=here, success=_("Your request is with us. We tell you by mail when there is an answer."),
        service=lambda cleaned: privacy_ask(actor=actor, borrower=found, kind=kind, words=cleaned["words"]),
        context={
            "title": LABELS[RequestKind(kind)], "submit_label": _("Send the request"), "back_url": here, "back_label": _("My data"),
            "lead": LEADS[RequestKind(kind)],
        },
    )  # fmt: skip


@requires(Permission.PORTAL_USE, step_up=True)
@never_cache
@require_safe
def take(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """One file of a copy that is ready."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    kept = data_take(actor=actor, request=own_request(actor, pk), form=form)
    response = StreamingHttpResponse(open_stream(kept), content_type=FORMS[form])
    response["Content-Length"] = str(kept.size)
    response["Content-Disposition"] = content_disposition_header(True, f"my-data.{form}") or "attachment"
    return response
