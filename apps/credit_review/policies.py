"""Object policies of the review: scope is enough, states and duties are the services' to check."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission

ON_REVIEWS = (Permission.CREDIT_VIEW, Permission.CREDIT_EDIT, Permission.CREDIT_RECOMMEND, Permission.CREDIT_DECLINE)


def register_policies() -> None:
    """Connect the predicates; scope itself is checked by ``can()`` for every object."""
    register(dict.fromkeys(ON_REVIEWS, in_scope))
