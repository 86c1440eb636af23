"""Reads of the review: facts for scoring, the outcome for later stages, and looks into the file that are recorded."""

from apps.credit_review.selectors.gathering import (
    alerts_standing,
    newest_report,
    newest_score,
    open_alerts,
    recommendation_standing,
    review_facts,
    statements_of,
)
from apps.credit_review.selectors.outcome import (
    CreditOutcome,
    FacilityTerms,
    bureau_checked_on,
    collateral_assumed,
    credit_outcome,
    parties_reviewed,
    reasons_in,
    recommendation_words,
)
from apps.credit_review.selectors.reading import CreditFile, alert_of, credit_file, recommendation_text

__all__ = [
    "CreditFile", "CreditOutcome", "FacilityTerms", "alert_of", "alerts_standing", "bureau_checked_on", "collateral_assumed", "credit_file", "credit_outcome", "newest_report",
    "newest_score", "open_alerts", "parties_reviewed", "reasons_in", "recommendation_standing", "recommendation_text", "recommendation_words",
    "review_facts", "statements_of",
]  # fmt: skip
