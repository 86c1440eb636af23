"""Policy, memo, signatures, conditions, decisions, offers and letters."""

from apps.approval.models.conditions import Condition, ConditionKind, ConditionTemplate
from apps.approval.models.decisions import DeclineDecision, DeclineOutcome
from apps.approval.models.memo import DecisionMemo, Signature, SpentNonce
from apps.approval.models.offers import Letter, LetterKind, Offer
from apps.approval.models.policy import Policy, PolicyAuthority
from apps.approval.models.reviews import DecisionReview, ReviewOutcome

__all__ = [
    "Condition", "ConditionKind", "ConditionTemplate", "DecisionMemo", "DecisionReview", "DeclineDecision", "DeclineOutcome", "Letter", "LetterKind",
    "Offer", "Policy", "PolicyAuthority", "ReviewOutcome", "Signature", "SpentNonce",
]  # fmt: skip
