"""What the review shows on the case page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.audit.services import Look
from apps.core.actor import Actor
from apps.core.gathered import rows
from apps.credit_review.models import BureauReport, Guarantor
from apps.credit_review.selectors import alerts_standing, credit_file, overview, recommendation_standing
from apps.credit_review.selectors.reading import text_look
from apps.workflow.models import LoanCase

Shown = Mapping[str, Any] | None


def recommendation(case: LoanCase, actor: Actor) -> Shown:
    """Terms, narrative, risks and mitigants."""
    shown = overview.recommendation_shown(actor, case)
    return None if shown is None else {"recommendation": shown}


def recommendation_looks(case: LoanCase, actor: Actor) -> list[Look]:
    """The look at the standing recommendation's texts."""
    row = recommendation_standing(case)
    return [text_look(row)] if row is not None else []


def ratios(case: LoanCase, actor: Actor) -> Shown:
    """Ratios over the years with their trend, and the cover with the proposed loan; the way to the review while it runs."""
    table = overview.ratio_table(case)
    if table is None and not overview.is_under_review(case):
        return None
    return {"ratios": table, "score": overview.score_shown(case), "linked": True}


def score(case: LoanCase, actor: Actor) -> Shown:
    """Why the grade."""
    shown = overview.score_shown(case)
    return None if shown is None else {"score": shown}


def guarantors(case: LoanCase, actor: Actor) -> Shown:
    """Bureau reports and guarantors; opening them is recorded."""
    known = bool(
        rows(case, BureauReport, "key_owner", "party") or rows(case, Guarantor, "key_owner", "party", "report")
    )
    return overview.file_shown(credit_file(actor, case)) if known else None


def alerts(case: LoanCase, actor: Actor) -> Shown:
    """Open alerts, those without explanation first; explanations are read on the review's own page."""
    rows = sorted(alerts_standing(case), key=lambda alert: (alert.is_explained, alert.pk))
    return {"alerts": rows} if rows else None
