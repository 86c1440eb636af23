"""How much lies where: open cases in an actor's sight by state and by holder, with what is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.selectors.lists import MOST_COUNTED, CaseFilter, _without_excluded, legs
from apps.workflow.selectors.people import handles_of
from apps.workflow.states import OPEN, State


@dataclass(frozen=True, slots=True)
class Load:
    """Open cases of one state or one person, and how many of them are late."""

    label: Any
    count: int
    late: int
    key: str = ""
    most: int = 0


def counted_each(actor: Actor, filters: Mapping[str, CaseFilter]) -> dict[str, int]:
    """How many cases each of several lists would show, no further than one hundred; the scopes are asked for once."""
    visible, scopes = _without_excluded(actor, LoanCase.objects.all()), legs(actor)
    found: dict[str, int] = {}
    for name, wanted in filters.items():
        tops = (
            wanted.apply(visible).filter(leg).order_by().values_list("id", flat=True)[:MOST_COUNTED] for leg in scopes
        )
        found[name] = min(len({pk for top in tops for pk in top}), MOST_COUNTED)
    return found


def load_by_state(actor: Actor) -> list[Load]:
    """Load by state, in the order of the process."""
    count, late = _counted(actor, "state")
    most = max(count.values(), default=0)
    return [Load(State(state).label, count[state], late[state], state, most) for state in OPEN if count[state]]


def load_by_holder(actor: Actor) -> list[Load]:
    """Load by holder, the fullest first; cases that nobody holds come last."""
    count, late = _counted(actor, "holder_id")
    handles, most = handles_of(count), max(count.values(), default=0)
    held = [holder for holder in count if holder is not None]
    people = [Load(handles.get(holder, "–"), count[holder], late[holder], str(holder), most) for holder in held]
    nobody = [Load("", count[None], late[None], "", most)] if count[None] else []
    return sorted(people, key=lambda load: (-load.count, load.label)) + nobody


def _counted(actor: Actor, column: str) -> tuple[Counter[Any], Counter[Any]]:
    """Count by a column over the branches in sight; each leg is a range of its own, so no case counts twice."""
    count: Counter[Any] = Counter()
    late: Counter[Any] = Counter()
    for leg in legs(actor):
        rows = LoanCase.objects.filter(leg, state__in=OPEN).order_by().values_list(column)
        overdue = Count("id", filter=Q(due_at__lt=clock.now()))
        for key, number, behind in rows.annotate(all_open=Count("id"), behind=overdue):
            count[key] += number
            late[key] += behind
    return count, late
