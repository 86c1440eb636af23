"""Object predicates of intake's permissions: on a case or what hangs on it; scope is checked by ``can()`` itself."""

from __future__ import annotations

from typing import Any

from apps.access.policies import in_scope, register
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase

ON_CASES = (
    Permission.APPLICATION_EDIT, Permission.APPLICATION_SUBMIT, Permission.APPLICATION_ACCEPT,
    Permission.APPLICATION_KNOCK_OUT, Permission.APPLICATION_CORRECT, Permission.DOCUMENT_VIEW, Permission.DOCUMENT_ADD,
    Permission.VISIT_REPORT, Permission.IDENTITY_CHECK,
)  # fmt: skip


def on_case(actor: Actor, obj: Any) -> bool:
    """These permissions are for cases and what hangs on them, nothing else."""
    return in_scope(actor, obj) and isinstance(getattr(obj, "case", obj), LoanCase)


def register_policies() -> None:
    """Connect the predicates."""
    register(dict.fromkeys(ON_CASES, on_case))
