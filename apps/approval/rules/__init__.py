"""Pure rules of approval: authority, limits, signatures, offers, canonical decisions. No ORM, no clock, no request."""

from apps.approval.rules.authority import (
    LEVELS,
    NoAuthority,
    above,
    after_referral,
    authority_needed,
    authority_row,
    dominates,
    fills_a_slot,
    final_level,
    may_decline,
    open_slots,
    rank,
    with_exceptions,
)
from apps.approval.rules.decisions import Change, decision_text, differences, fingerprint
from apps.approval.rules.limits import Flag, Measured, exception_levels, limit_for, line_for
from apps.approval.rules.offers import apportion, is_open, offer_end
from apps.approval.rules.policies import AuthorityRow, Limit, PolicyRules, policy_problems

__all__ = [
    "LEVELS",
    "AuthorityRow",
    "Change",
    "Flag",
    "Limit",
    "Measured",
    "NoAuthority",
    "PolicyRules",
    "above",
    "after_referral",
    "apportion",
    "authority_needed",
    "authority_row",
    "decision_text",
    "differences",
    "dominates",
    "exception_levels",
    "fills_a_slot",
    "final_level",
    "fingerprint",
    "is_open",
    "limit_for",
    "line_for",
    "may_decline",
    "offer_end",
    "open_slots",
    "policy_problems",
    "rank",
    "with_exceptions",
]
