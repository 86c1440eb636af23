"""The offer, its letters, and the borrower's answer as it arrived on paper."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.services import can
from apps.approval import services
from apps.approval.forms import AcceptForm, negotiate_form, terms_asked
from apps.approval.selectors import offer_standing
from apps.approval.selectors.offers import letter_open, offer_shown
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.states import State

FORM = require_http_methods(["GET", "HEAD", "POST"])


@requires(Permission.APPROVAL_VIEW)
@require_safe
def offer(request: Any, number: str) -> HttpResponse:
    """Every offer of the case with what became of it, and the letters."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    answers = case.state == State.OFFERED and can(request.actor, Permission.OFFER_ACCEPT, case).allowed
    return render(request, "approval/offer.html", {"case": case, "may_answer": answers, **offer_shown(case)})


@requires(Permission.APPROVAL_VIEW)
@require_safe
def letter(request: Any, number: str, letter_id: int) -> HttpResponse | FileResponse:
    """A letter as PDF; opening it is recorded."""
    case = case_get(request.actor, number, Permission.APPROVAL_VIEW)
    opened = letter_open(request.actor, case, letter_id)
    return FileResponse(opened.content, content_type="application/pdf", filename=opened.name)


@requires(Permission.OFFER_ACCEPT)
@FORM
def accept(request: Any, number: str) -> HttpResponse:
    """Enter the borrower's acceptance with the signed paper."""
    case = case_get(request.actor, number, Permission.OFFER_ACCEPT)
    return post_form(
        request,
        AcceptForm,
        service=lambda data: services.offer_accept_recorded(actor=request.actor, case=case, **data),
        success_url=case.get_absolute_url(),
        success=_("The acceptance is recorded."),
        options={"case": case},
        template="approval/answer.html",
        context=_words(case, _("Record the borrower's acceptance"), ACCEPTS, _("Record the acceptance")),
    )


@requires(Permission.OFFER_ACCEPT)
@FORM
def negotiate(request: Any, number: str) -> HttpResponse:
    """Enter the borrower's counter-offer with the signed paper."""
    case = case_get(request.actor, number, Permission.OFFER_ACCEPT)
    standing = offer_standing(case)
    if standing is None:
        return redirect("approval:offer", number)
    facilities = standing.terms["facilities"]

    def answer(data: dict[str, Any]) -> LoanCase:
        given = {name: data[name] for name in ("version", "words", "paper")}
        return services.offer_negotiate_recorded(
            actor=request.actor, case=case, asked=terms_asked(facilities, data), **given
        )

    return post_form(
        request,
        negotiate_form(facilities, standing.currency),
        service=answer,
        success_url=case.get_absolute_url(),
        success=_("The counter-offer is recorded; the case is back in the credit review."),
        options={"case": case},
        template="approval/answer.html",
        context=_words(case, _("Record the borrower's counter-offer"), NEGOTIATES, _("Record the counter-offer")),
    )


ACCEPTS = _("The signed paper stays with the offer. The case goes on to the contract.")
NEGOTIATES = _("The offer ends with it. The review looks at the terms asked for, and the case is approved anew.")


def _words(case: LoanCase, title: Any, lead: Any, submit: Any) -> dict[str, Any]:
    return {
        "title": title, "lead": lead, "submit_label": submit, "back_url": reverse("approval:offer", args=[case.number]),
        "back_label": f"{case.number} · {case.borrower.legal_name}", "case": case, "offer": offer_standing(case),
    }  # fmt: skip
