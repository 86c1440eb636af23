"""What nobody holds and an actor can go on with: the same answer for the count, the list and taking the next case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.access.roles import permissions_held
from apps.core.actor import Actor
from apps.core.memory import remembering
from apps.workflow import registry
from apps.workflow.eligibility import WORK_OF
from apps.workflow.models import LoanCase
from apps.workflow.selectors.lists import CaseFilter, cases_visible_to

MOST_LOOKED_AT = 100


def workable(actor: Actor) -> tuple[str, ...]:
    """States whose work the actor's roles carry."""
    held = permissions_held(actor.held)
    return tuple(state for state, permission in WORK_OF.items() if permission in held)


def free_for(actor: Actor) -> CaseFilter:
    """Cases that nobody holds, in the states the actor works on, without those whose work is not theirs to do.

    Of a state that tells so, the first ``MOST_LOOKED_AT`` by their deadline are looked at.
    """
    states = workable(actor)
    asked = tuple(state for state in states if state in registry.fitting)
    if not asked:
        return CaseFilter(states=states, unheld=True)
    waiting = cases_visible_to(actor, CaseFilter(states=asked, unheld=True, sort="due"), limit=MOST_LOOKED_AT)
    return CaseFilter(states=states, unheld=True, but=tuple(unfit(waiting.rows, actor)))


def unfit(cases: Iterable[LoanCase], actor: Actor) -> dict[int, Any]:
    """Cases in states whose work the actor's roles carry, but which this actor cannot go on with: id → why."""
    theirs = set(workable(actor))
    by_state: dict[str, list[LoanCase]] = {}
    for case in cases:
        if case.state in theirs and case.state in registry.fitting:
            by_state.setdefault(case.state, []).append(case)
    found: dict[int, Any] = {}
    with remembering():
        for state, some in by_state.items():
            found |= registry.fitting[state](some, actor)
    return found
