"""Object policies: which permission, checked on an object, asks which predicate. No policy, no permission."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apps.core.actor import Actor
from apps.core.permissions import Permission

Predicate = Callable[[Actor, Any], bool]
Exclusion = Callable[[Actor, Any], Any]
POLICIES: dict[Permission, Predicate] = {}
EXCLUSIONS: dict[str, Exclusion] = {}


def register(predicates: Mapping[Permission, Predicate]) -> None:
    """Add predicates; apps do it in ``ready()``. Two different ones for one permission are a mistake and raise."""
    for permission, predicate in predicates.items():
        if POLICIES.setdefault(Permission(permission), predicate) is not predicate:
            raise ValueError(f"{permission} already has a policy")


def exclude(guard: str, check: Exclusion) -> None:
    """Add what keeps a person off an object whatever else they hold; ``check`` returns a sentence, or nothing.

    Such are blocks for a conflict of interest. Excluded objects are not even visible.
    """
    EXCLUSIONS[guard] = check


def in_scope(actor: Actor, obj: Any) -> bool:
    """Default predicate: nothing beyond the scope that ``can()`` checks for every object anyway."""
    return actor is not None and obj is not None


def branch_of(obj: Any) -> int | None:
    """Branch that an object belongs to, its own, its case's or its borrower's; ``None`` when it belongs to none."""
    found = _own_or_case(obj, "branch_id")
    owner = None if found is not None else getattr(obj, "borrower", None)
    return found if owner is None else int(owner.branch_id)


def case_of(obj: Any) -> int | None:
    """Case that an object is or belongs to."""
    if obj._meta.label == "workflow.LoanCase":
        return int(obj.pk)
    found = getattr(obj, "case_id", None)
    return int(found) if isinstance(found, int) else None


def borrower_of(obj: Any) -> int | None:
    """Borrower that an object belongs to: itself, its own or its case's."""
    if obj._meta.label == "borrowers.Borrower":
        return int(obj.pk)
    return _own_or_case(obj, "borrower_id")


def _own_or_case(obj: Any, name: str) -> int | None:
    own = getattr(obj, name, None)
    if own is not None:
        return int(own)
    case = getattr(obj, "case", None)
    value = getattr(case, name, None)
    return None if value is None else int(value)
