"""Object policies of disbursement's permissions: scope is checked by ``can()``, nothing more is asked."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission

ON_CASES = (
    Permission.CONTRACT_MANAGE,
    Permission.CONTRACT_SIGN,
    Permission.CONDITION_EVIDENCE,
    Permission.CONDITION_VERIFY,
    Permission.PAYMENT_VIEW,
    Permission.PAYMENT_PREPARE,
    Permission.PAYMENT_RELEASE,
    Permission.PAYMENT_CONFIRM,
)


def register_policies() -> None:
    """Connect the predicates."""
    register(dict.fromkeys((*ON_CASES, Permission.PAYING_ACCOUNT_MANAGE), in_scope))
