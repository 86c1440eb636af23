"""What the borrower's page shows of how long it is kept."""

from __future__ import annotations

from typing import Any

from apps.access.services import can
from apps.borrowers.models import Borrower
from apps.borrowers.privacy_lists import privacy_of
from apps.core.actor import Actor
from apps.core.permissions import Permission


def privacy_section(borrower: Borrower, actor: Actor) -> dict[str, Any]:
    """Hold, request to forget, and what the reader may do about them."""
    rights = {"may_ask": Permission.FORGET_ASK, "may_hold": Permission.HOLD_MANAGE}
    return {
        **privacy_of(borrower),
        **{name: can(actor, permission, borrower).allowed for name, permission in rights.items()},
    }
