"""Object policies of the portal's own permissions; scope, ties and blocks are checked by ``can()`` for all."""

from __future__ import annotations

from apps.access.policies import in_scope, register
from apps.core.permissions import Permission


def register_policies() -> None:
    """Connect the predicates."""
    register({Permission.DATA_REQUEST_DECIDE: in_scope})
