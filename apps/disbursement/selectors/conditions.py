"""How each condition of a case stands: evidenced, accepted, waived, deferred or open."""

from __future__ import annotations

from dataclasses import dataclass

from apps.approval.models import Condition, ConditionKind
from apps.approval.selectors.conditions import conditions_standing as conditions_held
from apps.disbursement.models import ConditionEvidence, ConditionWaiver, EvidenceState
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class ConditionStanding:
    """A condition with its standing evidence and its waiver, where there are any."""

    condition: Condition
    evidence: ConditionEvidence | None
    waiver: ConditionWaiver | None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing of it keeps the money back."""
        later = self.condition.kind == ConditionKind.SUBSEQUENT
        accepted = self.evidence is not None and self.evidence.state == EvidenceState.ACCEPTED
        return later or accepted or self.waiver is not None


def conditions_standing(case: LoanCase) -> list[ConditionStanding]:
    """All conditions of a case with what was given for them; three queries."""
    evidence = {
        row.condition: row for row in ConditionEvidence.objects.filter(case=case).exclude(state=EvidenceState.REJECTED)
    }
    waivers = {row.condition: row for row in ConditionWaiver.objects.filter(case=case)}
    return [ConditionStanding(each, evidence.get(each.uuid), waivers.get(each.uuid)) for each in conditions_held(case)]
