"""Pure rules of approval: authority, limits, memos, offers, canonical decisions. No ORM, no clock, no request."""

from apps.approval.rules.authority import (
    NoAuthority,
    after_referral,
    authority_needed,
    authority_row,
    fills_a_slot,
    final_level,
    may_decline,
    open_slots,
    with_exceptions,
)
from apps.approval.rules.decisions import Change, decision_text, differences, fingerprint
from apps.approval.rules.levels import LEVELS, above, dominates, level_held, rank
from apps.approval.rules.limits import Flag, Measured, exception_levels, flag_of, limit_for, line_between, line_for
from apps.approval.rules.matrix import Band, bands, gaps, highest, left_over
from apps.approval.rules.memos import (
    FIXED,
    FacilityFacts,
    MemoFacts,
    ProductBounds,
    measured_lines,
    memo_content,
    memo_digest,
    memo_summary,
    signatures_for,
    signatures_under,
)
from apps.approval.rules.offers import availability_end, is_open, offer_end
from apps.approval.rules.policies import AuthorityRow, Limit, PolicyRules, policy_problems

__all__ = [
    "FIXED", "LEVELS", "AuthorityRow", "Band", "Change", "FacilityFacts", "Flag", "Limit", "Measured", "MemoFacts", "NoAuthority",
    "PolicyRules", "ProductBounds", "above", "after_referral", "authority_needed", "authority_row", "availability_end", "bands", "decision_text",
    "differences", "dominates", "exception_levels", "fills_a_slot", "final_level", "fingerprint", "flag_of", "gaps", "highest", "is_open",
    "left_over",
    "level_held", "limit_for", "line_between", "line_for", "may_decline", "measured_lines", "memo_content", "memo_digest",
    "memo_summary", "offer_end", "open_slots", "policy_problems", "rank", "signatures_for", "signatures_under", "with_exceptions",
]  # fmt: skip
