"""Writes of the review. Every service locks the case, compares the version its user saw, and records what it did."""

from apps.credit_review.services.alerts import alert_explain, alert_note, alerts_raise
from apps.credit_review.services.bureau import bureau_report_enter
from apps.credit_review.services.deciding import decline, recommend, recommendation_save
from apps.credit_review.services.guarantors import guarantor_add, guarantor_credit_seen, guarantor_end
from apps.credit_review.services.scoring import score_run
from apps.credit_review.services.statements import statements_save

__all__ = [
    "alert_explain", "alert_note", "alerts_raise", "bureau_report_enter", "decline", "guarantor_add", "guarantor_credit_seen",
    "guarantor_end", "recommend", "recommendation_save", "score_run", "statements_save",
]  # fmt: skip
