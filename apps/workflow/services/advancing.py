"""``advance()``: the only way a case changes its state. Lock, look, check in a fixed order, write, hand off, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.audit.services import record
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import IllegalTransition
from apps.workflow import process, registry
from apps.workflow.checks import check_row
from apps.workflow.evidence import TAG_OF
from apps.workflow.models import LoanCase
from apps.workflow.services import calendar
from apps.workflow.services.cases import case_lock, missing_now, refuse_forgotten, stamp, step_write
from apps.workflow.services.portal import NEWS, portal_told
from apps.workflow.services.talk import message_post, notify_moved, question_answered, question_open
from apps.workflow.states import ENDED, STAGE_OF, State

Data = Mapping[str, Any]


def advance(
    case: LoanCase,
    event: str,
    *,
    actor: Actor,
    version: int | None,
    data: Data | None = None,
    reasons: Sequence[str] = (),
    text: str = "",
) -> LoanCase:
    """Carry out one event of the process table inside an open act; returns the case as it now stands.

    ``version`` is what the user saw (``None`` only for system events). Raises ``Stale``, ``IllegalTransition`` or
    ``Refused`` with the guard that refused; nothing is then written but the refusal.
    """
    if version is None and not actor.is_system:
        raise TypeError("a person's event needs the version that the person saw")
    locked = case_lock(case, actor=actor, version=version)
    row = process.find(locked.state, event)
    if row is None:
        raise IllegalTransition(str(State(locked.state).label), str(process.Event(event).label), subject=locked)
    if locked.state in ENDED:
        refuse_forgotten(locked.borrower)
    facts = {**(data or {}), "reasons": tuple(reasons), "text": text}
    check_row(locked, row, actor, facts)
    return _carry_out(locked, row, actor, facts)


def check_event(case: LoanCase, event: str, *, actor: Actor, data: Data | None = None) -> None:
    """Check an event as ``advance()`` would, without carrying it out; raises what it would raise."""
    row = process.find(case.state, event)
    if row is None:
        raise IllegalTransition(str(State(case.state).label), str(process.Event(event).label), subject=case)
    check_row(case, row, actor, {"reasons": (), "text": "", **(data or {})})


def _carry_out(case: LoanCase, row: process.Row, actor: Actor, facts: dict[str, Any]) -> LoanCase:
    came_from = case.state
    _move(case, row, facts)
    EFFECTS.get(row.event, _no_effect)(case, actor, facts)
    stamp(case, actor)
    case.save()
    step_write(case, row, actor, came_from, facts["reasons"])
    _say(case, row, actor, facts)
    if case.state != came_from:
        for handoff in registry.handoffs.get(case.state, ()):
            handoff(case, actor)
    case.missing = missing_now(case, actor)
    case.save(update_fields=["missing"])
    notify_moved(case, row, actor)
    if row.event in NEWS:
        portal_told(case)
    record(
        TAG_OF[process.Event(row.event)],
        actor=actor,
        subject=case,
        case=case,
        stage=case.stage,
        changes={"state": (came_from, case.state)},
        note=_note(facts),
    )
    return case


def _move(case: LoanCase, row: process.Row, facts: Data) -> None:
    """Set the state the row leads to, with its stage, clock and holder."""
    came_from = case.state
    target = {process.SAME: came_from, process.BACK: case.came_from, process.CHOSEN: facts.get("to", "")}.get(
        row.target, row.target
    )
    if target == came_from:
        return
    case.state = target
    case.stage = STAGE_OF.get(State(target), case.stage)
    case.came_from = came_from
    case.entered_at = clock.now()
    if State.WAITING not in (target, came_from):
        case.holder = None
    if target == State.INTAKE and case.submitted_at is None:
        case.submitted_at = clock.now()
    if came_from in ENDED:
        case.submitted_at = case.entered_at  # reopened: a legal clock starts anew
    if target in ENDED or target == State.OFFERED:
        case.decided_at = clock.now()
    calendar.restart(case, came_from)


def _no_effect(case: LoanCase, actor: Actor, facts: Data) -> None:
    """Most events change nothing of the case but its state."""


def _claim(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.holder_id = actor.person_id


def _reassign(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.holder_id = facts["new_holder_id"]


def _freeze(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.is_frozen, case.frozen_by_id = True, actor.person_id


def _unfreeze(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.is_frozen, case.frozen_by_id = False, None


def _urgent_on(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.is_urgent = True
    calendar.change_lane(case)


def _urgent_off(case: LoanCase, actor: Actor, facts: Data) -> None:
    case.is_urgent = False
    calendar.change_lane(case)


EFFECTS = {
    process.Event.CLAIM: _claim,
    process.Event.REASSIGN: _reassign,
    process.Event.HOLDER_LEFT: _reassign,
    process.Event.FREEZE: _freeze,
    process.Event.UNFREEZE: _unfreeze,
    process.Event.URGENT_ON: _urgent_on,
    process.Event.URGENT_OFF: _urgent_off,
}


def _say(case: LoanCase, row: process.Row, actor: Actor, facts: Data) -> None:
    """Keep the text that came with the event as a message, to the borrower where the event speaks to them."""
    if not facts["text"]:
        return
    kind, audience = SPEECH.get(row.event, ("note", "colleague"))
    question = question_open(case, audience) if kind == "answer" else None
    message_post(
        actor=actor,
        case=case,
        kind=kind,
        audience=audience,
        body=facts["text"],
        to_person_id=facts.get("to_person_id"),
        due_on=facts.get("due_on"),
        reply_to=None if question is None else question_answered(case, question, audience),
        checked=True,
    )


SPEECH = {
    process.Event.ASK_BORROWER: ("question", "borrower"),
    process.Event.ASK_COLLEAGUE: ("question", "colleague"),
    process.Event.ANSWER: ("answer", "borrower"),
    process.Event.ANSWER_RECORDED: ("answer", "borrower"),
}


def _note(facts: Data) -> dict[str, Any]:
    """What of the facts may stand in the log: codes and plain numbers, never free text."""
    note: dict[str, Any] = {"reasons": list(facts["reasons"])} if facts["reasons"] else {}
    for key in ("to", "new_holder_id", "due_on", "waiver", "drawdown", "memo", "level"):
        if facts.get(key) is not None:
            note[key] = str(facts[key])
    return note
