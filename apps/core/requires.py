"""Marks a view with what it needs; ``apps.access.middleware`` refuses a view without a mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from apps.core.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "loanflow_requires"
PUBLIC = "public"
SIGNED_IN = "signed_in"
ENROLLING = "enrolling"


def requires(*permissions: Permission, step_up: bool = False) -> Callable[[View], View]:
    """Let only actors in whose roles one of ``permissions`` stands reach the view; object checks follow in the service.

    With ``step_up`` the factor must be at most five minutes old.
    """
    if not permissions or not all(isinstance(permission, Permission) for permission in permissions):
        raise TypeError("requires() takes at least one Permission")

    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, tuple(permissions))
        view.loanflow_step_up = step_up  # type: ignore[attr-defined]
        return view

    return mark


def _marker(value: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, value)
        return view

    return mark


public = _marker(PUBLIC)
"""Anybody may open the view, signed in or not: sign-in, invitations, health, errors."""
signed_in = _marker(SIGNED_IN)
"""Any account with a complete sign-in may open the view: own profile, own factors, home."""
enrolling = _marker(ENROLLING)
"""An account that has proved its password (or invitation) but not yet its factor may open the view."""
