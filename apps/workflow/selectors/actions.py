"""What an actor could do on a case now, and what stands in the way: the buttons of the case page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow import process, registry
from apps.workflow.checks import check_actor, check_freeze
from apps.workflow.eligibility import forward_row
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class Action:
    """One event that the actor's role carries: its words, page, whether it leads, and what is still in the way."""

    event: str
    label: Any
    url: str
    primary: bool
    danger: bool
    step_up: bool
    refusal: Refused | None
    missing: Sequence[Any]

    @property
    def possible(self) -> bool:
        """Tell whether nothing but what the page itself asks for is missing."""
        return self.refusal is None and not self.missing


def actions_for(case: LoanCase, actor: Actor) -> list[Action]:
    """Events of the case's state with a page, for which the actor has the permission and scope; primary ones first."""
    forward = forward_row(case)
    found = [_action(case, actor, row, forward) for row in process.rows_from(case.state) if row.event in registry.links]
    return sorted(
        (action for action in found if action is not None), key=lambda action: (not action.primary, action.danger)
    )


def _action(case: LoanCase, actor: Actor, row: process.Row, forward: process.Row | None) -> Action | None:
    link = registry.links[row.event]
    try:
        check_actor(case, row, actor)
        refusal = None
    except Refused as error:
        if error.guard not in {"duty", "own_business"}:
            return None
        refusal = error
    return Action(
        row.event,
        process.Event(row.event).label,
        _url(link, case),
        link.primary or row == forward,
        link.danger,
        row.step_up,
        refusal or _frozen(case, row),
        _standing(case, row, actor),
    )


def _frozen(case: LoanCase, row: process.Row) -> Refused | None:
    try:
        if not row.while_frozen:
            check_freeze(case, row)
    except Refused as error:
        return error
    return None


def _standing(case: LoanCase, row: process.Row, actor: Actor) -> list[Any]:
    checks = [
        registry.guards[name] for name in row.guards if name in registry.guards and registry.guards[name].standing
    ]
    return [line for check in checks for line in check.lacks(case, actor)]


def _url(link: registry.EventLink, case: LoanCase) -> str:
    try:
        return reverse(link.url_name, args=[case.number])
    except NoReverseMatch:
        return ""
