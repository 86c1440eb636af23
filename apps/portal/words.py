"""What a borrower is told of a case: how far it is and what is awaited, and nothing of how the institution works on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.workflow.states import State

STEPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Application"), (State.DRAFT,)),
    (_("Review"), (State.INTAKE, State.CREDIT_REVIEW, State.COLLATERAL_CHECK, State.APPROVAL, State.WAITING)),
    (_("Offer"), (State.OFFERED,)),
    (_("Contract"), (State.CONTRACTING, State.CONDITIONS)),
    (_("Payout"), (State.PAYOUT,)),
    (pgettext_lazy("step", "Repayment"), (State.ACTIVE, State.COMPLETED)),
)
"""Steps that a borrower sees; the review is one, whatever happens inside."""

AWAITED: dict[str, Any] = {
    State.DRAFT: _("The application is being prepared."),
    State.WAITING: _("We wait for your answer."),
    State.OFFERED: _("We wait for your decision on our offer."),
    State.CONTRACTING: _("The contract is being signed."),
    State.CONDITIONS: _("The conditions before payout are being met."),
    State.PAYOUT: _("The payout is being prepared."),
    State.ACTIVE: _("The loan is paid out; instalments follow the schedule."),
    State.COMPLETED: _("Everything is repaid. Thank you."),
    State.DECLINED: _("We could not grant the loan. The letter gives the reasons."),
    State.EXPIRED: _("The application has expired."),
    State.WITHDRAWN: _("You have withdrawn the application."),
}
REVIEWED = _("We are working on your application. There is nothing for you to do.")
YOURS = frozenset({State.WAITING, State.OFFERED})
"""States in which the borrower has to do something."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, and whether it is ``done``, ``now`` or still to come."""

    label: Any
    status: str


def awaited(state: str) -> Any:
    """Sentence that says what is awaited, and from whom."""
    return AWAITED.get(state, REVIEWED)


def is_yours(state: str) -> bool:
    """Tell whether the borrower has to do something."""
    return state in YOURS


def step_label(state: str) -> Any:
    """Step a case is at, in the borrower's words; an ended one says how it ended."""
    if state in (State.DECLINED, State.EXPIRED, State.WITHDRAWN):
        return State(state).label
    return next(label for label, states in STEPS if state in states)


def steps(state: str) -> Sequence[Step]:
    """The whole way with the present step; nothing for a case that has ended before its loan."""
    here = next((place for place, (_label, states) in enumerate(STEPS) if state in states), None)
    if here is None:
        return ()
    return [Step(label, _status(place, here, state)) for place, (label, _states) in enumerate(STEPS)]


def _status(place: int, here: int, state: str) -> str:
    if place < here or state == State.COMPLETED:
        return "done"
    return "now" if place == here else ""


def withdrawal_means(state: str) -> list[Any]:
    """What withdrawing an application in this state means for the borrower."""
    lines = [_("We stop working on the application, and you cannot take it up again by yourself.")]
    if state == State.OFFERED:
        lines.append(_("Our offer ends with it."))
    elif state in (State.CONTRACTING, State.CONDITIONS, State.PAYOUT):
        lines.append(_("The contract is not carried out: nothing is paid out on it."))
    lines.append(_("Nothing new is asked about you at a credit bureau."))
    lines.append(_("What you sent is kept as long as the law says, and then destroyed."))
    lines.append(_("You can apply again at any time; a new application is looked at anew."))
    return lines
