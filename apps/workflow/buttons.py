"""The buttons of the case page: one that leads, the others in a menu, each with what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.actor import Actor
from apps.workflow import process, registry
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors import Action, actions_for

ASKED_OF_THE_READER = (
    "holder",
    "eligible_here",
    "authority",
    "others_decide",
    "signer_or_above",
    "not_frozen",
    "is_frozen",
    "another_froze",
)
"""Guards that no form can meet, so the page says beforehand that they fail."""
HIDDEN_WHEN_FAILING = {
    Event.CLAIM: "eligible_here", Event.FREEZE: "not_frozen", Event.UNFREEZE: "is_frozen", Event.URGENT_ON: "not_urgent",
    Event.URGENT_OFF: "is_urgent", Event.RECOMMEND_SECURED: "secured", Event.RECOMMEND_UNSECURED: "unsecured",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Button:
    """One step that the actor's role carries, and why it is not possible now; ``barred`` is the reader in person."""

    event: str
    label: Any
    url: str
    danger: bool
    step_up: bool
    why_not: Sequence[Any]
    who_can: Any = ""
    barred: bool = False

    @property
    def possible(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Buttons:
    """What the head of the case page shows."""

    lead: Button | None
    others: Sequence[Button]
    dangers: Sequence[Button]


def buttons_for(case: LoanCase, actor: Actor) -> Buttons:
    """Buttons of a case for an actor. The leading one is taking the case while nobody holds it, then its next step."""
    pairs = [(action, _button(action, case, actor)) for action in actions_for(case, actor) if action.url]
    shown = [(action, button) for action, button in pairs if not _hidden(action, case, actor)]
    lead = _lead(shown)
    rest = [button for _action, button in shown if button is not lead]
    return Buttons(lead, [each for each in rest if not each.danger], [each for each in rest if each.danger])


def barring(case: LoanCase, actor: Actor, action: Action) -> list[Any]:
    """What keeps the reader in person from a step, in sentences; no form mends it."""
    return [action.refusal.message] if action.refusal is not None else _unmet(action, case, actor)


def _button(action: Action, case: LoanCase, actor: Actor) -> Button:
    refusal = action.refusal
    barred = barring(case, actor, action)
    why = barred if refusal is not None else [*barred, *action.missing]
    who = refusal.who_can if refusal is not None else ""
    return Button(action.event, action.label, action.url, action.danger, action.step_up, why, who, bool(barred))


def _unmet(action: Action, case: LoanCase, actor: Actor) -> list[Any]:
    row = process.find(case.state, action.event)
    names = [name for name in ASKED_OF_THE_READER if row is not None and name in row.guards and name in registry.guards]
    return [line for name in names for line in registry.guards[name].lacks(case, actor)]


def _hidden(action: Action, case: LoanCase, actor: Actor) -> bool:
    guard = HIDDEN_WHEN_FAILING.get(Event(action.event))
    if action.event == Event.CLAIM and case.holder_id == actor.person_id:
        return True
    return guard in registry.guards and bool(registry.guards[guard].lacks(case, actor))


def _lead(shown: Sequence[tuple[Action, Button]]) -> Button | None:
    claim = next((button for action, button in shown if action.event == Event.CLAIM and button.possible), None)
    led = [button for action, button in shown if action.primary and not action.danger]
    return claim or next((button for button in led if button.possible), None) or next(iter(led), None)
