"""How each condition of a case stands: evidenced, accepted, waived, deferred, to follow after payout, or open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from apps.approval.models import Condition, ConditionKind
from apps.approval.selectors.conditions import conditions_standing as conditions_held
from apps.core import clock
from apps.core.gathered import rows
from apps.disbursement.models import (
    ConditionEvidence,
    ConditionWaiver,
    Drawdown,
    DrawdownState,
    EvidenceState,
    WaiverSignature,
)
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class ConditionStanding:
    """A condition with its standing evidence and its waiver as signed, where there are any; ``due_on`` once its day is known."""

    condition: Condition
    evidence: ConditionEvidence | None
    waiver: ConditionWaiver | None
    due_on: dt.date | None
    today: dt.date
    signature: WaiverSignature | None = None

    @property
    def is_met(self) -> bool:
        """Tell whether another person has accepted evidence for it."""
        return self.evidence is not None and self.evidence.state == EvidenceState.ACCEPTED

    @property
    def is_waived(self) -> bool:
        """Tell whether it was let go for good."""
        return self.waiver is not None and self.waiver.deferred_to is None

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is to be done about it."""
        return self.is_met or self.is_waived

    @property
    def follows(self) -> bool:
        """Tell whether it is to be met after payout: it was set so, or deferred."""
        deferred = self.waiver is not None and self.waiver.deferred_to is not None
        return self.condition.kind == ConditionKind.SUBSEQUENT or deferred

    @property
    def is_overdue(self) -> bool:
        """Tell whether its day has passed and it is still to be met."""
        return not self.is_done and self.due_on is not None and self.due_on < self.today

    @property
    def keeps_money_back(self) -> bool:
        """Tell whether nothing is paid before it is met: a condition before payout, and again once its deferral has run out."""
        before = self.condition.kind != ConditionKind.SUBSEQUENT
        return before and not self.is_done and (not self.follows or self.is_overdue)

    @property
    def status(self) -> str:
        """One word for pages: ``met``, ``waived``, ``given``, ``overdue``, ``later`` or ``open``."""
        if self.is_done:
            return "met" if self.is_met else "waived"
        if self.evidence is not None:
            return "given"
        later = "later" if self.follows else "open"
        return "overdue" if self.is_overdue else later


def conditions_standing(case: LoanCase) -> list[ConditionStanding]:
    """All conditions of a case with what was given for them; at most five queries."""
    held = conditions_held(case)
    evidence = {row.condition: row for row in rows(case, ConditionEvidence) if row.state != EvidenceState.REJECTED}
    waivers = {row.condition: row for row in rows(case, ConditionWaiver)}
    signed = {row.waiver_id: row for row in rows(case, WaiverSignature)} if waivers else {}
    counted = any(each.kind == ConditionKind.SUBSEQUENT for each in held)
    first, today = first_payout_on(case) if counted else None, clock.today()
    return [
        ConditionStanding(
            each, evidence.get(each.uuid), waiver, _due_on(each, waiver, first), today, signed.get(waiver.pk) if waiver else None
        )
        for each in held
        for waiver in [waivers.get(each.uuid)]
    ]  # fmt: skip


def first_payout_on(case: LoanCase) -> dt.date | None:
    """Value date of the case's first confirmed payment."""
    paid = [each.value_on for each in rows(case, Drawdown) if each.state == DrawdownState.PAID]
    return min((day for day in paid if day is not None), default=None)


def _due_on(condition: Condition, waiver: ConditionWaiver | None, first: dt.date | None) -> dt.date | None:
    if waiver is not None and waiver.deferred_to is not None:
        return waiver.deferred_to
    if first is None or condition.due_days is None:
        return None
    return first + dt.timedelta(days=condition.due_days)
