"""The steps a borrower takes: answer, accept, ask for other terms, withdraw."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.applications.facts import consent_kinds
from apps.applications.models import Consent
from apps.applications.services import consent_withdraw as consent_take_back
from apps.applications.views.finding import uploads_of
from apps.applications.views.pieces import takes_pieces
from apps.applications.wiring import reasons
from apps.approval.forms import terms_asked
from apps.approval.selectors.offers import offer_standing
from apps.approval.services import offer_accept, offer_negotiate, review_ask
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.portal import forms, services
from apps.portal.offers import compared
from apps.portal.selectors import question_shown
from apps.portal.views.cases import FORM
from apps.portal.wizard_forms import WithdrawConsentStepForm
from apps.portal.words import withdrawal_means
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.states import State


def _found(request: HttpRequest, number: str) -> tuple[Actor, LoanCase, dict[str, Any]]:
    """Who acts, on which case, and the way back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number)
    return actor, case, {"case": case, "back_url": reverse("portal:case", args=[number]), "back_label": number}


def upload_of(cleaned: dict[str, Any]) -> tuple[BinaryIO, str] | None:
    """The file of a form, with its name."""
    upload = cleaned.get("file")
    return (upload.file, upload.name) if upload else None


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
@takes_pieces("file")
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer a question."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.AnswerForm, success_url=back["back_url"], success=_("Thank you. We go on with your application."),
        service=lambda cleaned: services.case_answer(
            actor=actor, case=case, version=cleaned["version"], text=cleaned["text"], code=cleaned["code"], file=upload_of(cleaned)
        ),
        template="portal/answer.html", options={"case": case},
        context={
            "title": _("Answer"), "submit_label": _("Send the answer"), "question": SimpleLazyObject(lambda: question_shown(actor, case)),
            **uploads_of(case, field="file"), **back,
        },
    )  # fmt: skip


def _offer_words(case: LoanCase) -> dict[str, Any]:
    """The standing offer beside what was asked for."""
    offer = offer_standing(case)
    return {"offer": offer, "compared": compared(case, offer) if offer is not None else []}


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept the offer."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.AcceptForm, success_url=back["back_url"], template="portal/accept.html",
        success=_("Thank you. Next we sign the contract."), options={"case": case},
        service=lambda cleaned: offer_accept(actor=actor, case=case, version=cleaned["version"]),
        context={"title": _("Accept the offer"), "submit_label": _("Accept the offer"), **_offer_words(case), **back},
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
        request, forms.terms_form(facilities, case.currency), success_url=back["back_url"], template="portal/negotiate.html",
        success=_("We look at your proposal and come back to you."), options={"case": case},
        service=lambda cleaned: offer_negotiate(
            actor=actor, case=case, version=cleaned["version"], asked=terms_asked(facilities, cleaned), words=cleaned["words"]
        ),
        context={
            "title": _("Ask for other terms"), "submit_label": _("Send the proposal"),
            "lead": _("The offer ends with your proposal; a new one follows when we can agree."), **_offer_words(case), **back,
        },
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def look_again(request: HttpRequest, number: str) -> HttpResponse:
    """Ask that a person look at a decision again."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.ReviewAskForm, success_url=f"{back['back_url']}#review-title",
        success=_("Your request is with us. A person who took no part in the decision looks at it."),
        service=lambda cleaned: review_ask(actor=actor, case=case, words=cleaned["words"]),
        context={
            "title": _("Ask a person to look again"), "submit_label": _("Send the request"),
            "lead": _("Somebody who took no part in the decision looks at the whole application again and answers you by letter, with reasons."),
            **back,
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
        options={"case": case}, template="core/confirm.html",
        context={
            "title": _("Withdraw the application"), "submit_label": _("Withdraw"), "danger": True,
            "question": _("Do you want to withdraw the application? This is what it means:"),
            "consequences": withdrawal_means(case.state), **back,
        },
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def message(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the bank."""
    actor, case, back = _found(request, number)
    return post_form(
        request, forms.MessageForm, success_url=f"{back['back_url']}#talk-title", success=_("Your message is with the bank."),
        service=lambda cleaned: services.message_write(actor=actor, case=case, body=cleaned["body"]),
        context={"title": _("Write to the bank"), "submit_label": _("Send"), **back},
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def consent_withdraw(request: HttpRequest, number: str, consent: int) -> HttpResponse:
    """Take one's consent back."""
    actor, case, back = _found(request, number)
    found = Consent.objects.filter(case=case, pk=consent).first()
    if found is None:
        raise NotVisible(subject=case)
    lead = (
        _("You can give it again before you send the application.")
        if case.state == State.DRAFT
        else _("Without this consent nothing is processed any more: your application ends. You need not say why.")
    )
    return post_form(
        request, WithdrawConsentStepForm, success_url=back["back_url"], success=_("The consent is withdrawn."),
        service=lambda cleaned: consent_take_back(
            actor=actor, case=case, version=cleaned["version"], consent=found, reason=cleaned["reason"]
        ),
        options={"case": case, "reasons": reasons("withdraw")},
        context={
            "title": _("Withdraw a consent"), "submit_label": _("Withdraw the consent"), "danger": True,
            "lead": _("%(consent)s. %(words)s") % {"consent": consent_kinds().get(found.kind, found.kind), "words": lead}, **back,
        },
    )  # fmt: skip
