"""The process table in words, row by row, for the page and for docs/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access import roles
from apps.access.duties import Duty
from apps.core.permissions import Permission
from apps.workflow import process, registry
from apps.workflow.process import Row, Who
from apps.workflow.states import BEFORE_MONEY, OPEN, UNDER_REVIEW, State

PSEUDO: dict[str, Any] = {
    process.NEW: _("not there yet"), process.SAME: _("stays where it is"), process.BACK: _("back to where it was"),
    process.CHOSEN: _("an earlier stage"),
}  # fmt: skip
SETS: tuple[tuple[frozenset[str], Any], ...] = (
    (frozenset(OPEN), _("any open state")),
    (frozenset(BEFORE_MONEY), _("any state before the money is paid")),
    (frozenset(UNDER_REVIEW), _("intake to approval")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the process table in words."""

    event: Any
    name: str
    sources: Sequence[Any]
    target: Any
    who: Any
    duty: Any
    step_up: bool
    guards: Sequence[Any]
    while_frozen: bool
    permission: Permission
    by_person: bool


def lines() -> list[Line]:
    """All rows, in the order of the table."""
    return [_line(row) for row in process.TABLE]


def _line(row: Row) -> Line:
    return Line(
        row.event.label,
        row.event.value,
        _sources(row),
        state_words(row.target),
        who_words(row),
        Duty(row.duty).label if row.duty else "",
        row.step_up,
        [guard_words(name) for name in row.guards],
        row.while_frozen,
        row.permission,
        row.who is Who.PERSON,
    )


def state_words(name: str) -> Any:
    """Words of a state, or of what stands for one in the table."""
    return PSEUDO.get(name) or State(name).label


def _sources(row: Row) -> list[Any]:
    named = next((words for states, words in SETS if states == frozenset(row.sources)), None)
    return [named] if named else [state_words(source) for source in row.sources]


def who_words(row: Row) -> Any:
    """Roles that take a step, the borrower, or the system."""
    if row.who is Who.SYSTEM:
        return _("the system")
    if row.who is Who.BORROWER:
        return roles.Role.BORROWER.label
    staff = [role for role in roles.roles_with(row.permission) if role is not roles.Role.BORROWER]
    return " · ".join(str(role.label) for role in staff)


def guard_words(name: str) -> Any:
    """What a guard demands, in the words its stage gave it; its name where no stage has registered it."""
    return registry.guards[name].label if name in registry.guards else name.replace("_", " ")
