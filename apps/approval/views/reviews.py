"""The page on which a person who took no part looks at a decision again."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.approval.forms import ReviewForm
from apps.approval.selectors.reviews import REVIEW, people_decided, review_read, text_of
from apps.approval.services import review_close
from apps.approval.services.reviewing import outcomes_for
from apps.core.pages import post_form
from apps.core.requires import requires
from apps.workflow.models import Reason
from apps.workflow.selectors import case_get


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Any, number: str, review_id: int) -> HttpResponse:
    """What was decided and why, the borrower's words, and the answer to give or given."""
    case = case_get(request.actor, number, REVIEW)
    found, words = review_read(request.actor, case, review_id)
    given = Reason.objects.filter(code__in=found.step.reason_codes).order_by("code")
    return post_form(
        request,
        ReviewForm,
        service=lambda data: review_close(actor=request.actor, case=case, review=found, **data),
        success_url=case.get_absolute_url(),
        success=_("The answer is given, and the letter is written."),
        template="approval/review.html",
        options={"case": case, "outcomes": [(each.value, capfirst(each.label)) for each in outcomes_for(case, found)]},
        context={
            "case": case, "review": found, "words": words, "reasons_given": list(given), "answer": text_of(found.reasons),
            "took_part": request.actor.person_id in people_decided(case),
        },
    )  # fmt: skip
