"""Object policies of workflow's own permissions, and the block for conflicts of interest."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.policies import exclude, in_scope, register
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.dutybook import is_blocked
from apps.workflow.models import LoanCase

ON_CASES = (
    Permission.CASE_VIEW,
    Permission.CASE_CREATE,
    Permission.CASE_IMPORT,
    Permission.CASE_CLAIM,
    Permission.CASE_REASSIGN,
    Permission.CASE_FREEZE,
    Permission.CASE_URGENT,
    Permission.CASE_WITHDRAW,
    Permission.CASE_EXPIRE,
    Permission.CASE_REOPEN,
    Permission.CASE_ASK,
    Permission.CASE_ANSWER,
    Permission.CASE_MESSAGE,
    Permission.CASE_SEND_BACK,
    Permission.OBJECT_GRANT,
    Permission.SIGHT_VIEW,
)


def blocked(actor: Actor, obj: Any) -> Any:
    """Sentence when a live block keeps the actor off the case or what hangs on it."""
    case_id = obj.pk if isinstance(obj, LoanCase) else getattr(obj, "case_id", None)
    if isinstance(case_id, int) and any(is_blocked(case_id, person_id) for person_id in sorted(actor.persons)):
        return _("A conflict of interest keeps you off this case.")
    return None


def register_policies() -> None:
    """Connect the predicates; scope itself is checked by ``can()`` for every object."""
    register(dict.fromkeys(ON_CASES, in_scope))
    exclude("blocked", blocked)
