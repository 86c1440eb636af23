"""Reads of approval."""

from apps.approval.selectors.conditions import condition_details, conditions_open, conditions_standing
from apps.approval.selectors.memos import Standing, memo_live, memos_of, standing_for, standing_of
from apps.approval.selectors.offers import counter_offer, letters_of, offer_standing, offers_of
from apps.approval.selectors.outcome import ApprovalOutcome, ApprovedTerms, ConditionSet, approval_outcome
from apps.approval.selectors.policies import policy_for, policy_in_force, templates_in_use
from apps.approval.selectors.signing import sign_prepare

__all__ = [
    "ApprovalOutcome", "ApprovedTerms", "ConditionSet", "Standing", "approval_outcome", "condition_details", "conditions_open",
    "conditions_standing", "counter_offer", "letters_of", "memo_live", "memos_of", "offer_standing", "offers_of", "policy_for",
    "policy_in_force", "sign_prepare", "standing_for", "standing_of", "templates_in_use",
]  # fmt: skip
