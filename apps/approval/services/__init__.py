"""Writes of approval: policy, memo, signatures, decisions against, conditions, offers and their answers."""

from apps.approval.services.answering import (
    Paper,
    offer_accept,
    offer_accept_recorded,
    offer_negotiate,
    offer_negotiate_recorded,
)
from apps.approval.services.asking import AskedTerms
from apps.approval.services.conditions import condition_add, condition_remove
from apps.approval.services.declining import approval_decline, approval_refer, approval_return
from apps.approval.services.freezing import memo_refresh, memos_refresh
from apps.approval.services.offering import offer_lapse, offers_lapse
from apps.approval.services.policy import PolicyDraft, draft_check, policy_publish, policy_seed
from apps.approval.services.reviewing import review_ask, review_close
from apps.approval.services.signing import memo_sign
from apps.approval.services.templates import TemplateDraft, template_add, template_use
from apps.approval.services.undoing import approval_amend, approval_revoke

__all__ = [
    "AskedTerms", "Paper", "PolicyDraft", "TemplateDraft", "approval_amend", "approval_decline", "approval_refer", "approval_return",
    "approval_revoke", "condition_add", "condition_remove", "draft_check", "memo_refresh", "memo_sign", "memos_refresh", "offer_accept", "offer_accept_recorded",
    "offer_lapse", "offer_negotiate", "offer_negotiate_recorded", "offers_lapse", "policy_publish", "policy_seed", "review_ask", "review_close", "template_add", "template_use",
]  # fmt: skip
