"""What happened to a case: its steps in words, and who carried it through which stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.gathered import rows
from apps.workflow.models import CaseStep, LoanCase, Reason
from apps.workflow.process import NEW, Event
from apps.workflow.states import ENDED, STAGE_OF, Stage, State

MOST = 200
SYSTEM = "system:"
"""How the names of actors begin that are no persons."""
ORDER = list(Stage)


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of the timeline."""

    event: str
    label: Any
    who: Any
    at: dt.datetime
    to_state: str
    to_label: Any
    moved: bool
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class StageShown:
    """One part of the stepper: ``done``, ``now``, ``stopped`` or nothing yet."""

    label: Any
    status: str
    who: Any
    at: dt.datetime | None


def doer(step: CaseStep) -> Any:
    """Who took a step, by the name they sign in with; jobs and commands are the system."""
    return _("the system") if step.actor_name.startswith(SYSTEM) else step.actor_name


def steps_of(case: LoanCase) -> list[CaseStep]:
    """Steps of a case, newest first."""
    return rows(case, CaseStep)[: -MOST - 1 : -1]


def happened(steps: Sequence[CaseStep], *, with_reasons: bool = True) -> list[Happened]:
    """Steps in words; one query, for the names of the reasons given."""
    codes = {code for step in steps for code in step.reason_codes} if with_reasons else set()
    names = {reason.code: reason.name for reason in Reason.objects.filter(code__in=codes)} if codes else {}
    return [_happened(step, names) for step in steps]


def _happened(step: CaseStep, names: dict[str, str]) -> Happened:
    label = Event(step.event).label if step.event in Event.values else step.event
    reasons = [names.get(code, code) for code in step.reason_codes]
    moved = step.from_state not in (step.to_state, NEW)
    return Happened(
        step.event, label, doer(step), step.created_at, step.to_state, State(step.to_state).label, moved, reasons
    )


def stages_of(case: LoanCase, steps: Sequence[CaseStep]) -> list[StageShown]:
    """Stepper of a case: stages behind it with who finished them and when, the present one, those to come."""
    here = ORDER.index(Stage(case.stage_now))
    return [_stage(stage, position, here, case, steps) for position, stage in enumerate(ORDER)]


def _stage(stage: Stage, position: int, here: int, case: LoanCase, steps: Sequence[CaseStep]) -> StageShown:
    if position > here:
        return StageShown(stage.label, "", "", None)
    if position == here and case.state != State.COMPLETED:
        return StageShown(stage.label, "stopped" if case.state in ENDED else "now", "", None)
    left = _settled(steps, stage) or next((step for step in steps if _leaves(step, stage, position)), None)
    return StageShown(stage.label, "done", doer(left) if left else "", left.created_at if left else None)


def _settled(steps: Sequence[CaseStep], stage: Stage) -> CaseStep | None:
    """The last signature settles an approval, not whoever noted down later that the borrower took the offer."""
    return next((step for step in steps if stage == Stage.APPROVAL and step.event == Event.SIGN_LAST), None)


def _leaves(step: CaseStep, stage: Stage, position: int) -> bool:
    target = STAGE_OF.get(State(step.to_state))
    origin = STAGE_OF.get(State(step.from_state)) if step.from_state != NEW else None
    return (
        origin == stage and target is not None and ORDER.index(target) >= position and step.from_state != step.to_state
    )
