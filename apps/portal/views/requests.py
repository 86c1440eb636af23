"""What borrowers ask of the institution, for those who answer: copies of data, and second looks at decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.looks import list_seen
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal.forms import DataAnswerForm, PrivacyAnswerForm
from apps.portal.privacy import privacy_answer
from apps.portal.request_lists import privacy_request_get, request_get, request_shown, requests_to_answer
from apps.portal.requesting import data_give, data_refuse
from apps.portal.views.cases import FORM

ANSWERING = Purpose("task:data_request")


@requires(Permission.DATA_REQUEST_DECIDE, Permission.DECISION_REVIEW)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Every open request in one's scope, the nearest day first, and the last answered ones."""
    shown = requests_to_answer(request.actor)  # type: ignore[attr-defined]
    list_seen(request, Tag.DATA_REQUESTS_LISTED, sum(len(rows) for rows in shown.values() if isinstance(rows, list)))
    return render(request, "portal/requests.html", shown)


@requires(Permission.DATA_REQUEST_DECIDE)
@require_http_methods(FORM)
def data_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request for data: grant it, which makes the copy, or refuse it with a reason."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, here = request_get(actor, pk), reverse("portal:requests")

    def answer(cleaned: dict[str, Any]) -> Any:
        if cleaned["answer"] == "give":
            return data_give(actor=actor, request=found)
        return data_refuse(actor=actor, request=found, why=cleaned["why"])

    return post_form(
        request, DataAnswerForm, template="portal/data_request.html", service=answer, success_url=here,
        success=_("The request is answered, and the borrower told."),
        context={"back_url": here, "back_label": _("Borrowers' requests"), **request_shown(found)},
    )  # fmt: skip


@requires(Permission.DATA_REQUEST_DECIDE)
@require_http_methods(FORM)
def privacy_request(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request about data: what is asked, and the answer. Its words are read on record."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found, here = privacy_request_get(actor, uuid), reverse("portal:requests")
    record_read(Tag.PRIVACY_READ, actor=actor, subject=found, purpose=ANSWERING)
    return post_form(
        request, PrivacyAnswerForm, template="portal/privacy_request.html", success_url=here,
        success=_("The request is answered, and the borrower told."),
        service=lambda cleaned: privacy_answer(actor=actor, request=found, **cleaned),
        context={"back_url": here, "back_label": _("Borrowers' requests"), "asked": found, "today": clock.today()},
    )  # fmt: skip
