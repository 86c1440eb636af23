"""Which waiting cases an approver cannot sign: the guard of the signature itself, asked of many cases with few queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty, excluded
from apps.approval.models import DecisionMemo, DeclineDecision, Signature
from apps.core.actor import Actor
from apps.core.gathered import gather_each, rows
from apps.workflow.dutybook import loosened
from apps.workflow.models import CaseStep, DutyDone, LoanCase
from apps.workflow.registry import guards


def unsignable(cases: Sequence[LoanCase], actor: Actor) -> dict[int, Any]:
    """Cases that the actor cannot sign as they stand: id → the first sentence that says why. Five queries."""
    gather_each(
        cases,
        DecisionMemo.objects.select_related("policy").defer("content", "difference"),
        Signature.objects.select_related("account"),
        DeclineDecision.objects.select_related("account"),
        CaseStep.objects.all(),
        DutyDone.objects.all(),
    )
    why = {case.pk: [*_duty_lines(case, actor), *guards["authority"].check(case, actor, {})] for case in cases}
    return {case_id: lines[0] for case_id, lines in why.items() if lines}


def _duty_lines(case: LoanCase, actor: Actor) -> list[Any]:
    done = {Duty(each.duty) for each in rows(case, DutyDone) if each.person_id in actor.persons}
    if excluded(Duty.APPROVES, done, loosened()) is None:
        return []
    return [_("What you did in this case keeps you off this stage's work.")]
