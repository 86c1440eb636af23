"""Kinds of notices as their readers tell them apart: what somebody asks, what happened to a case, deadlines, the branch's."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from apps.workflow.process import Event

TALK, MOVED, DEADLINES, BRANCH = "talk", "moved", "deadlines", "branch"
GROUPS = (TALK, MOVED, DEADLINES, BRANCH)
NAMED: dict[str, Q] = {
    TALK: Q(
        kind__in=["message", "answered", "witness_asked", Event.ASK_COLLEAGUE, Event.ANSWER, Event.ANSWER_RECORDED]
    ),
    DEADLINES: Q(kind__in=["due", "late", "expiring", "condition_overdue"]),
    BRANCH: Q(kind="late_lead") | Q(kind__startswith="legal."),
}
"""Notices of a group; what is in none of these happened to a case."""


def of_groups(groups: Iterable[str]) -> Q | None:
    """Condition of the notices of some groups; ``None`` for no group."""
    named = NAMED[TALK] | NAMED[DEADLINES] | NAMED[BRANCH]
    wanted = [~named if group == MOVED else NAMED[group] for group in groups]
    together: Q | None = None
    for each in wanted:
        together = each if together is None else together | each
    return together
