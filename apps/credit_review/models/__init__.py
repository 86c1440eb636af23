"""What the review rests on (statements, bureau reports, guarantors, alerts) and what it comes to (score, recommendation)."""

from apps.credit_review.models.alerts import Alert
from apps.credit_review.models.conclusions import Recommendation, RecommendedTerms, ScoreRun
from apps.credit_review.models.people import BureauReport, Guarantor
from apps.credit_review.models.statements import FinancialStatement

__all__ = ["Alert", "BureauReport", "FinancialStatement", "Guarantor", "Recommendation", "RecommendedTerms", "ScoreRun"]
