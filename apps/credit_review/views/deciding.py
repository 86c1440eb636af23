"""Writing the recommendation, sending it on, declining."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.credit_review import forms, services
from apps.credit_review.selectors import overview
from apps.credit_review.views.entering import form_page, review_url
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form


@requires(Permission.CREDIT_RECOMMEND)
@form_page
def recommendation(request: HttpRequest, number: str) -> HttpResponse:
    """Terms and reasoning; saving scores the case on these terms."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CREDIT_RECOMMEND)
    return stage_form(
        request, case, forms.RecommendationForm, title=_("Recommendation"), template="credit_review/recommendation.html",
        back_url=review_url(case), success=_("The recommendation is written. Look at the figures, then send it on."),
        initial=overview.recommendation_initial(actor, case) if request.method != "POST" else None,
        service=lambda cleaned: services.recommendation_save(
            actor=actor, case=case, version=cleaned["version"], proposal=cleaned["proposal"],
        ),
    )  # fmt: skip


@requires(Permission.CREDIT_RECOMMEND)
@form_page
def recommend(request: HttpRequest, number: str) -> HttpResponse:
    """What is sent on, whither, and what is still missing."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CREDIT_RECOMMEND)
    return stage_form(
        request, case, forms.RecommendForm, title=_("Send the recommendation on"), template="credit_review/recommend.html",
        back_url=review_url(case), success_url=case.get_absolute_url(), success=_("The recommendation is on its way."),
        context=overview.sending_page(case, actor),
        service=lambda cleaned: services.recommend(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip


@requires(Permission.CREDIT_DECLINE)
@form_page
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """Decline after review."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CREDIT_DECLINE)
    return stage_form(
        request, case, forms.DeclineForm, title=_("Decline the loan"), danger=True, submit_label=_("Decline"),
        lead=_("The case ends. The borrower gets a letter with the reasons you choose; a lead may reopen the case."),
        success=_("The loan is declined."),
        service=lambda cleaned: services.decline(
            actor=actor, case=case, version=cleaned["version"], reasons=cleaned.get("reasons", ()), text=cleaned["text"],
        ),
    )  # fmt: skip
