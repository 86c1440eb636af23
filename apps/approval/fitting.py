"""Which waiting cases an approver cannot sign: the guard of the signature itself, asked of many cases with few queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty, excluded
from apps.accounts.models import Account
from apps.approval.models import DecisionMemo, DeclineDecision, Signature
from apps.core.actor import Actor
from apps.core.gathered import gather_each, keep_each, rows
from apps.core.together import Through
from apps.workflow.dutybook import loosened
from apps.workflow.models import CaseStep, DutyDone, LoanCase
from apps.workflow.registry import guards

SIGNERS = [(Account, Through(each, "account", "case")) for each in (Signature, DeclineDecision)]


def unsignable(cases: Sequence[LoanCase], actor: Actor) -> dict[int, Any]:
    """Cases that the actor cannot sign as they stand: id → the first sentence that says why. Two queries."""
    memos = DecisionMemo.objects.select_related("policy").defer("content", "difference")  # long, and not asked for
    keep_each(cases, DecisionMemo, memos.filter(case__in=cases).order_by("pk"))
    gather_each(cases, Signature, DeclineDecision, CaseStep, DutyDone, pointed_at=SIGNERS)
    why = {case.pk: [*_duty_lines(case, actor), *guards["authority"].check(case, actor, {})] for case in cases}
    return {case_id: lines[0] for case_id, lines in why.items() if lines}


def _duty_lines(case: LoanCase, actor: Actor) -> list[Any]:
    done = {Duty(each.duty) for each in rows(case, DutyDone) if each.person_id in actor.persons}
    if excluded(Duty.APPROVES, done, loosened()) is None:
        return []
    return [_("What you did in this case keeps you off this stage's work.")]
