"""Signing, and deciding against: each on a page of its own, so that none is reached by accident."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.accounts import demo
from apps.accounts.passkeys import asking
from apps.approval import services, wording
from apps.approval.forms import DeclineForm, ReferForm, ReturnForm, SignForm, WhyForm
from apps.approval.selectors.memos import standing_for
from apps.approval.selectors.signing import SignShown, sign_shown
from apps.approval.views.confirming import confirmed, confirmed_or_signed
from apps.core import clock
from apps.core.actor import FRESH, Actor
from apps.core.errors import LoanFlowError, NotVisible
from apps.core.gathered import gather
from apps.core.pages import done, keep, post_form, refused
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get

FORM = require_http_methods(["GET", "HEAD", "POST"])


@requires(Permission.APPROVAL_SIGN)
@FORM
@confirmed_or_signed
def sign(request: Any, number: str) -> HttpResponse:
    """Exactly what is signed, its fingerprint, what would void it, and the factor beside the amount."""
    case = case_get(request.actor, number, Permission.APPROVAL_SIGN)
    if request.method != "POST":
        gather(case, case.borrower)
        return _sign_page(request, case)
    form = SignForm(request.POST, case=case)
    if not form.is_valid():
        return _sign_page(request, case, form, status=400)
    try:
        moved = services.memo_sign(
            actor=request.actor, case=case, answer=asking.signed(request), **form.cleaned_data
        )  # fmt: skip
    except NotVisible:
        raise
    except LoanFlowError as error:
        return _sign_page(request, case_get(request.actor, number), form, error)
    return done(request, moved.get_absolute_url(), _signed_words(moved))


def _signed_words(case: LoanCase) -> Any:
    """What has come of a signature: the offer went out, or who signs after it."""
    standing = standing_for(case)
    if standing is None or standing.is_complete:
        return _("Signed; the offer went to the borrower.")
    return _("Signed. Still to sign: %(levels)s.") % {"levels": wording.levels(standing.open)}


def _sign_page(
    request: Any, case: LoanCase, sent: SignForm | None = None, error: LoanFlowError | None = None, status: int = 200
) -> HttpResponse:
    """The page with a new challenge; what was typed stays, what was shown before counts no longer."""
    problem = keep(sent, error, request) if sent is not None and error is not None else None
    context: dict[str, Any] = {
        "case": case,
        "problem": problem,
        "demo": demo.is_on(),
        "fresh_until": _fresh_until(request.actor),
    }
    try:
        shown = sign_shown(request.actor, case)
    except LoanFlowError as refusal:
        context["problem"] = problem or refused(refusal, request)
        return render(request, "approval/sign.html", context, status=error.status if error else refusal.status)
    comment = sent.data.get("comment", "") if sent is not None else ""
    form = SignForm(case=case, initial={"challenge": shown.challenge, "comment": comment})
    return render(
        request,
        "approval/sign.html",
        {**context, "shown": shown, "form": form, "sent": sent, "passkey": _asked(request, shown)},
        status=error.status if error else status,
    )


def _fresh_until(actor: Actor) -> dt.datetime | None:
    """Until when the factor proved last signs; ``None`` where one is asked for now."""
    return actor.factor_at + FRESH if actor.factor_at and actor.is_fresh(clock.now()) else None


def _asked(request: Any, shown: SignShown) -> asking.Ask | None:
    """A passkey signs the decision's own fingerprint: no other page's answer fits, and this one's fits nothing else."""
    return asking.asked(request, request.session_record.account, over=shown.decision.fingerprint)


@requires(Permission.APPROVAL_DECLINE)
@FORM
@confirmed
def decline(request: Any, number: str) -> HttpResponse:
    """Decline for good, with reasons that the letter quotes."""
    case = case_get(request.actor, number, Permission.APPROVAL_DECLINE)
    return post_form(
        request,
        DeclineForm,
        service=lambda data: services.approval_decline(actor=request.actor, case=case, **data),
        success_url=case.get_absolute_url(),
        success=_("The case is declined, and the letter is written."),
        options={"case": case},
        context=_words(case, _("Decline the loan"), DECLINES, _("Decline the loan"), danger=True),
    )


@requires(Permission.APPROVAL_DECLINE)
@FORM
@confirmed
def refer(request: Any, number: str) -> HttpResponse:
    """Refer to the next level with one's dissent."""
    case = case_get(request.actor, number, Permission.APPROVAL_DECLINE)
    return post_form(
        request,
        ReferForm,
        service=lambda data: services.approval_refer(actor=request.actor, case=case, **data),
        success_url=case.get_absolute_url(),
        success=_("The case is referred to the next level."),
        options={"case": case},
        context=_words(case, _("Refer to the next level"), REFERS, _("Refer the case")),
    )


@requires(Permission.APPROVAL_RETURN)
@FORM
@confirmed
def send_back(request: Any, number: str) -> HttpResponse:
    """Return the case to an earlier stage."""
    case = case_get(request.actor, number, Permission.APPROVAL_RETURN)
    return post_form(
        request,
        ReturnForm,
        service=lambda data: services.approval_return(actor=request.actor, case=case, **data),
        success_url=case.get_absolute_url(),
        success=_("The case is returned."),
        options={"case": case},
        context=_words(case, _("Return to an earlier stage"), RETURNS, _("Return the case")),
    )


@requires(Permission.APPROVAL_AMEND)
@FORM
@confirmed
def amend(request: Any, number: str) -> HttpResponse:
    """Take an approved case back to approval, to change its terms."""
    case = case_get(request.actor, number, Permission.APPROVAL_AMEND)
    return post_form(
        request,
        WhyForm,
        service=lambda data: services.approval_amend(actor=request.actor, case=case, **data),
        success_url=reverse("approval:memo", args=[number]),
        success=_("The case is back in approval."),
        options={"case": case},
        context=_words(case, _("Amend the terms"), TAKES_BACK, _("Take back and amend"), danger=True),
    )


@requires(Permission.APPROVAL_AMEND)
@FORM
@confirmed
def revoke(request: Any, number: str) -> HttpResponse:
    """Take back an approval that was wrong."""
    case = case_get(request.actor, number, Permission.APPROVAL_AMEND)
    return post_form(
        request,
        WhyForm,
        service=lambda data: services.approval_revoke(actor=request.actor, case=case, **data),
        success_url=reverse("approval:memo", args=[number]),
        success=_("The approval is revoked."),
        options={"case": case},
        context=_words(case, _("Revoke the approval"), TAKES_BACK, _("Revoke the approval"), danger=True),
    )


DECLINES = _("The case ends here. The borrower gets a letter with the reasons that you choose.")
REFERS = _("The matrix does not let your level decline this alone. You take no further part; the next level decides.")
RETURNS = _("The memo and the signatures given on it no longer stand; the case comes back with a new recommendation.")
TAKES_BACK = _("Signatures, offer, contract and payments that were not released become void, and the signers are told.")


def _words(case: LoanCase, title: Any, lead: Any, submit: Any, *, danger: bool = False) -> dict[str, Any]:
    back = reverse("approval:memo", args=[case.number])
    return {
        "title": title, "lead": lead, "submit_label": submit, "danger": danger, "back_url": back, "case": case,
        "back_label": f"{case.number} · {case.borrower.legal_name}",
    }  # fmt: skip
