"""What opens when a case enters the review: alerts from what is known, and no recommendation that events have overtaken."""

from __future__ import annotations

from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review.models import Recommendation
from apps.credit_review.services.alerts import alerts_refresh
from apps.workflow.models import LoanCase


def open_review(case: LoanCase, actor: Actor) -> None:
    """A recommendation that came back is made anew; one that was never sent on stays a draft."""
    for returned in Recommendation.objects.filter(case=case, superseded_at=None, sent_at__isnull=False):
        returned.superseded_at = clock.now()
        returned.save(update_fields=["superseded_at"])
    alerts_refresh(case)
