"""The review at a glance, and the steps on it that ask nothing but a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import BadInput
from apps.core.gathered import gather
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.credit_review import services
from apps.credit_review.forms import RecommendForm
from apps.credit_review.selectors import overview
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get

Click = Callable[[LoanCase, int], Any]


@requires(Permission.CREDIT_VIEW)
@require_safe
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Everything the review rests on, with the way to change it."""
    case = case_get(request.actor, number, Permission.CREDIT_VIEW)  # type: ignore[attr-defined]
    gather(case, case.borrower)
    return render(request, "credit_review/overview.html", overview.review_page(request.actor, case))  # type: ignore[attr-defined]


def _clicked(request: HttpRequest, number: str, service: Click, words: Any) -> HttpResponse:
    """Carry out a click on the version that its page showed, and go back to the review."""
    case = case_get(request.actor, number, Permission.CREDIT_EDIT)  # type: ignore[attr-defined]
    form = RecommendForm(request.POST, case=case)
    try:
        if not form.is_valid():
            raise BadInput(str(_("This page was incomplete. Try again from the review.")))
        service(case, form.cleaned_data["version"])
        messages.success(request, str(words))
    except BadInput as error:
        messages.error(request, str(error))
    return redirect(reverse("credit_review:review", args=[case.number]))


@requires(Permission.CREDIT_EDIT)
@require_POST
def score(request: HttpRequest, number: str) -> HttpResponse:
    """Score the case."""
    return _clicked(
        request, number, lambda case, version: services.score_run(actor=request.actor, case=case, version=version),  # type: ignore[attr-defined]
        _("The case is scored."),
    )  # fmt: skip


@requires(Permission.CREDIT_EDIT)
@require_POST
def alerts_raise(request: HttpRequest, number: str) -> HttpResponse:
    """Look anew for alerts."""
    return _clicked(
        request, number, lambda case, version: services.alerts_raise(actor=request.actor, case=case, version=version),  # type: ignore[attr-defined]
        _("Looked for alerts."),
    )  # fmt: skip


@requires(Permission.CREDIT_EDIT)
@require_POST
def guarantor_seen(request: HttpRequest, number: str, guarantor: int) -> HttpResponse:
    """Say that a guarantor's credit was seen."""
    return _clicked(
        request, number,
        lambda case, version: services.guarantor_credit_seen(
            actor=request.actor, case=case, version=version, guarantor_id=guarantor,  # type: ignore[attr-defined]
        ),
        _("The guarantor's credit is seen."),
    )  # fmt: skip


@requires(Permission.CREDIT_EDIT)
@require_POST
def guarantor_end(request: HttpRequest, number: str, guarantor: int) -> HttpResponse:
    """Take a guarantor off the case."""
    return _clicked(
        request, number,
        lambda case, version: services.guarantor_end(
            actor=request.actor, case=case, version=version, guarantor_id=guarantor,  # type: ignore[attr-defined]
        ),
        _("The guarantor is off the case."),
    )  # fmt: skip
