"""The steps a borrower takes: answer, accept, ask for other terms, withdraw."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.approval.forms import terms_asked
from apps.approval.selectors.offers import offer_standing
from apps.approval.services import offer_accept, offer_negotiate
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal import forms, services
from apps.portal.views.cases import FORM
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get


def _found(request: HttpRequest, number: str) -> tuple[Actor, LoanCase, dict[str, Any]]:
    """Who acts, on which case, and the way back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number)
    return actor, case, {"case": case, "back_url": reverse("portal:case", args=[number]), "back_label": number}


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer a question."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.AnswerForm, success_url=back["back_url"], success=_("Thank you. We go on with your application."),
        service=lambda cleaned: services.case_answer(actor=actor, case=case, version=cleaned["version"], text=cleaned["text"]),
        initial={"version": case.version}, context={"title": _("Answer"), "submit_label": _("Send the answer"), **back},
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept the offer."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.AcceptForm, success_url=back["back_url"], template="portal/accept.html",
        success=_("Thank you. Next we sign the contract."), options={"case": case},
        service=lambda cleaned: offer_accept(actor=actor, case=case, version=cleaned["version"]),
        context={"title": _("Accept the offer"), "submit_label": _("Accept"), "offer": offer_standing(case), **back},
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def negotiate(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for other terms."""
    actor, case, back = _found(request, number)
    offer = offer_standing(case)
    if offer is None:
        raise Refused("offer_open", _("There is no offer to answer."), subject=case)
    facilities = offer.terms["facilities"]
    return post_form(
        request, forms.terms_form(facilities, case.currency), success_url=back["back_url"],
        success=_("We look at your proposal and come back to you."), initial={"version": case.version},
        service=lambda cleaned: offer_negotiate(
            actor=actor, case=case, version=cleaned["version"], asked=terms_asked(facilities, cleaned), words=cleaned["words"]
        ),
        context={
            "title": _("Ask for other terms"), "submit_label": _("Send the proposal"),
            "lead": _("The offer ends with your proposal; a new one follows when we can agree."), **back,
        },
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw the application."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.WithdrawForm, success_url=back["back_url"], success=_("Your application is withdrawn."),
        service=lambda cleaned: services.case_withdraw(
            actor=actor, case=case, version=cleaned["version"], reasons=cleaned.get("reasons", ()), text=cleaned["text"]
        ),
        options={"case": case},
        context={
            "title": _("Withdraw the application"), "submit_label": _("Withdraw"), "danger": True,
            "lead": _("We stop working on the application. You can apply again at any time."), **back,
        },
    )  # fmt: skip
