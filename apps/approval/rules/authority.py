"""Who must sign, who still has to, and who may decline alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from apps.approval.rules.levels import LEVELS, above, rank
from apps.approval.rules.policies import AuthorityRow, PolicyRules


class NoAuthority(LookupError):
    """The policy gives nobody the authority: the amount is above its highest row, or the grade is in none."""


def authority_row(amount: Decimal, grade: str, secured: bool, policy: PolicyRules) -> AuthorityRow:
    """The row with the smallest amount that still covers the case; raises ``NoAuthority``."""
    covering = [row for row in policy.authorities if row.covers(grade, secured) and amount <= row.up_to]
    if not covering:
        raise NoAuthority(f"no row of policy {policy.version} covers grade {grade!r} at this amount")
    return min(covering, key=lambda row: row.up_to)


def authority_needed(
    amount: Decimal, grade: str, secured: bool, policy: PolicyRules, exceptions: Iterable[str] = ()
) -> tuple[str, ...]:
    """Levels that must sign, lowest first; ``exceptions`` are the levels that figures outside the limits ask for."""
    return with_exceptions(authority_row(amount, grade, secured, policy).signatures, exceptions)


def with_exceptions(needed: Sequence[str], exceptions: Iterable[str]) -> tuple[str, ...]:
    """Raise the highest signature to the highest level that an exception asks for."""
    ordered = sorted(needed, key=rank)
    highest = max((ordered[-1], *exceptions), key=rank)
    return (*ordered[:-1], highest)


def after_referral(needed: Sequence[str], referred_by: Iterable[str]) -> tuple[str, ...]:
    """Raise every signature below the level that the case was referred to: it is theirs to decide now."""
    lowest = max((rank(above(level) or level) for level in referred_by), default=1)
    return tuple(sorted((LEVELS[max(rank(slot), lowest) - 1] for slot in needed), key=rank))


def open_slots(needed: Sequence[str], given: Iterable[str]) -> tuple[str, ...]:
    """Signatures still missing, lowest first. A higher level may sign for a lower one, never the reverse.

    The highest signers take the highest slots they reach, which leaves the fewest open.
    """
    slots = sorted(needed, key=rank)
    for level in sorted(given, key=rank, reverse=True):
        reachable = [slot for slot in slots if rank(slot) <= rank(level)]
        if reachable:
            slots.remove(reachable[-1])
    return tuple(slots)


def fills_a_slot(needed: Sequence[str], given: Sequence[str], level: str) -> bool:
    """Tell whether one more signature of ``level`` leaves fewer open."""
    return len(open_slots(needed, [*given, level])) < len(open_slots(needed, given))


def final_level(needed: Sequence[str], decline_level: str = "") -> str:
    """Level that may decline for good: the one the matrix names, or the highest that must sign."""
    return decline_level or max(needed, key=rank)


def may_decline(level: str, needed: Sequence[str], decline_level: str = "") -> bool:
    """Tell whether an approver of ``level`` declines for good; a lower one refers to the next level."""
    return rank(level) >= rank(final_level(needed, decline_level))
