"""Who may hold a case in which state: the permission to do that state's work."""

from __future__ import annotations

from apps.core.permissions import Permission
from apps.workflow.states import State

WORK_OF: dict[str, Permission] = {
    State.DRAFT: Permission.APPLICATION_SUBMIT,
    State.INTAKE: Permission.APPLICATION_ACCEPT,
    State.WAITING: Permission.CASE_ASK,
    State.CREDIT_REVIEW: Permission.CREDIT_RECOMMEND,
    State.COLLATERAL_CHECK: Permission.COLLATERAL_CONFIRM,
    State.APPROVAL: Permission.APPROVAL_SIGN,
    State.OFFERED: Permission.OFFER_ACCEPT,
    State.CONTRACTING: Permission.CONTRACT_MANAGE,
    State.CONDITIONS: Permission.CONDITION_VERIFY,
    State.PAYOUT: Permission.PAYMENT_PREPARE,
    State.ACTIVE: Permission.REPAYMENT_POST,
}
"""Permission that the work of a state needs; its holders may claim the case there."""
