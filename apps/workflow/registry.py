"""Where stages register what workflow shows and checks without importing them: guards, handoffs, panels, links.

Filled in each stage's ``AppConfig.ready()``; an event whose guard nobody registered is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.audit.services import Look
from apps.core.actor import Actor
from apps.core.memory import remembered
from apps.core.permissions import Permission

if TYPE_CHECKING:
    from apps.workflow.models import LoanCase

GuardCheck = Callable[["LoanCase", Actor, Mapping[str, Any]], Sequence[Any]]
Fits = Callable[[Sequence["LoanCase"], Actor], Mapping[int, Any]]
Handoff = Callable[["LoanCase", Actor], None]


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition: ``label`` says what must hold; ``check`` returns what is missing (empty: it holds).

    ``standing`` guards depend on the case alone, so they also fill its list of what is missing; ``personal`` ones depend on
    who acts, so they are asked of everybody whom a page names for a step.
    """

    name: str
    label: Any
    check: GuardCheck
    standing: bool = True
    personal: bool = False

    def lacks(self, case: LoanCase, actor: Actor) -> Sequence[Any]:
        """What is missing as the case stands, before anything is typed; remembered while one page is read."""
        return _lacks(self.name, case, actor)


@remembered
def _lacks(name: str, case: LoanCase, actor: Actor) -> Sequence[Any]:
    return list(guards[name].check(case, actor, {}))


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the case page: a template with the context that ``build`` returns; ``None`` shows nothing.

    ``place`` is ``main`` or ``side``; panels stand in ``order``; only actors with ``permission`` get them. ``looks`` says what
    building it opens, so that a page records all its looks at once.
    """

    name: str
    template: str
    build: Callable[[LoanCase, Actor], Mapping[str, Any] | None]
    permission: Permission
    order: int = 50
    place: str = "main"
    looks: Callable[[LoanCase, Actor], Sequence[Look]] | None = None


@dataclass(frozen=True, slots=True)
class EventLink:
    """Where an event is carried out: a URL name that takes the case reference; the primary one leads the page."""

    event: str
    url_name: str
    primary: bool = False
    danger: bool = False


guards: dict[str, Guard] = {}
handoffs: dict[str, list[Handoff]] = {}
panels: list[Panel] = []
links: dict[str, EventLink] = {}
fitting: dict[str, Fits] = {}
"""By state: for which of some cases an actor cannot do the state's work, and why; few queries, however many cases."""


def guard(
    name: str, label: Any, *, standing: bool = True, personal: bool = False
) -> Callable[[GuardCheck], GuardCheck]:
    """Register a guard of the process table; a name registered twice raises."""

    def keep(check: GuardCheck) -> GuardCheck:
        if name in guards and guards[name].check is not check:
            raise ValueError(f"guard {name} is registered twice")
        guards[name] = Guard(name, label, check, standing, personal)
        return check

    return keep


def on_entering(state: str, handoff: Handoff) -> None:
    """Run ``handoff`` in the same transaction whenever a case enters ``state``; its failure rolls everything back."""
    handoffs.setdefault(state, []).append(handoff)


def show(panel: Panel) -> None:
    """Add a panel to the case page."""
    panels[:] = sorted([kept for kept in panels if kept.name != panel.name] + [panel], key=lambda item: item.order)


def link(event: str, url_name: str, *, primary: bool = False, danger: bool = False) -> None:
    """Say which page carries out an event."""
    links[event] = EventLink(event, url_name, primary, danger)
