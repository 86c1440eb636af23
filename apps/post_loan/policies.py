"""Object policies of post-loan's permissions: scope is checked by ``can()``, nothing more is asked."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission

ON_LOANS = (Permission.LOAN_VIEW, Permission.REPAYMENT_POST, Permission.REPAYMENT_CHECK, Permission.LOAN_CLOSE)


def register_policies() -> None:
    """Connect the predicates."""
    register(dict.fromkeys(ON_LOANS, in_scope))
