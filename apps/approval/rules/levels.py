"""The three levels of approvers, who holds which, and how sets of signatures compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.access.roles import Role
from apps.core.actor import HeldRole

LEVELS: tuple[str, ...] = (Role.APPROVER_1.value, Role.APPROVER_2.value, Role.APPROVER_3.value)


def rank(level: str) -> int:
    """Height of a level, 1 to 3; raises ``ValueError`` for a word that is none."""
    return LEVELS.index(level) + 1


def above(level: str) -> str | None:
    """The next level up, or ``None`` at the top."""
    return LEVELS[rank(level)] if rank(level) < len(LEVELS) else None


def dominates(these: Sequence[str], those: Sequence[str]) -> bool:
    """Tell whether ``these`` signatures are at least as many and as high as ``those``."""
    mine, others = (sorted(map(rank, levels), reverse=True) for levels in (these, those))
    return len(mine) >= len(others) and all(one >= other for one, other in zip(mine, others, strict=False))


def level_held(held: Iterable[HeldRole], branch_id: int) -> str | None:
    """Highest level among roles that reach a branch, or ``None``."""
    levels = [role.role for role in held if role.role in LEVELS and role.covers(branch_id)]
    return max(levels, key=rank, default=None)
