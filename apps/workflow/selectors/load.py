"""How much lies where: open cases in an actor's sight by state and by holder, with what is late."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.selectors.people import handles_of
from apps.workflow.selectors.scope import whole, without_excluded
from apps.workflow.states import OPEN, State


@dataclass(frozen=True, slots=True)
class Load:
    """Open cases of one state or one person, and how many of them are late."""

    label: Any
    count: int
    late: int
    key: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Loads:
    """The same open cases by state and by holder."""

    by_state: list[Load]
    by_holder: list[Load]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(load.count for load in self.by_state)

    @property
    def late(self) -> int:
        """All that are late."""
        return sum(load.late for load in self.by_state)


def loads(actor: Actor) -> Loads:
    """Load by state in the order of the process, and by holder, the fullest first; cases that nobody holds come last."""
    rows = _counted(actor)
    count: dict[str, Counter[Any]] = {"state": Counter(), "holder": Counter()}
    late: dict[str, Counter[Any]] = {"state": Counter(), "holder": Counter()}
    for state, holder, number, behind in rows:
        for name, key in (("state", state), ("holder", holder)):
            count[name][key] += number
            late[name][key] += behind
    return Loads(_by_state(count["state"], late["state"]), _by_holder(count["holder"], late["holder"]))


def _counted(actor: Actor) -> list[tuple[str, int | None, int, int]]:
    """Open cases in sight by state and holder, all and late, in one query."""
    scope = whole(actor)
    if scope is None:
        return []
    rows = without_excluded(actor, LoanCase.objects.filter(scope, state__in=OPEN)).order_by()
    overdue = Count("id", filter=Q(due_at__lt=clock.now()))
    return list(rows.values_list("state", "holder_id").annotate(all_open=Count("id"), behind=overdue))


def _by_state(count: Counter[str], late: Counter[str]) -> list[Load]:
    most = max(count.values(), default=0)
    return [Load(State(state).label, count[state], late[state], state, most) for state in OPEN if count[state]]


def _by_holder(count: Counter[int | None], late: Counter[int | None]) -> list[Load]:
    handles, most = handles_of(count), max(count.values(), default=0)
    held = [holder for holder in count if holder is not None]
    people = [Load(handles.get(holder, "–"), count[holder], late[holder], str(holder), most) for holder in held]
    nobody = [Load("", count[None], late[None], "", most)] if count[None] else []
    return sorted(people, key=lambda load: (-load.count, load.label)) + nobody
