"""Object policies of collateral: scope is enough, states, duties and four eyes are the services' to check."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission

ON_COLLATERAL = (
    Permission.COLLATERAL_VIEW, Permission.COLLATERAL_EDIT, Permission.COLLATERAL_CONFIRM, Permission.COLLATERAL_RELEASE,
)  # fmt: skip


def register_policies() -> None:
    """Connect the predicates; scope itself is checked by ``can()`` for every object."""
    register(dict.fromkeys(ON_COLLATERAL, in_scope))
