"""Object policies of approval's own permissions; blocks, own businesses and scope are checked by ``can()`` for all."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission

OWN = (
    Permission.APPROVAL_VIEW, Permission.APPROVAL_SIGN, Permission.APPROVAL_DECLINE, Permission.APPROVAL_RETURN,
    Permission.APPROVAL_AMEND, Permission.APPROVAL_WAIVE, Permission.OFFER_ACCEPT, Permission.DECISION_REVIEW,
)  # fmt: skip


def register_policies() -> None:
    """Connect the predicates."""
    register(dict.fromkeys(OWN, in_scope))
