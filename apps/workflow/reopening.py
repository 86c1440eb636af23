"""Who decided a case before it was reopened: others decide it anew."""

from __future__ import annotations

from apps.access.duties import Duty
from apps.core.gathered import rows
from apps.core.memory import remembered
from apps.workflow.models import CaseStep, DutyDone, LoanCase
from apps.workflow.process import Event


@remembered
def people_decided_before(case: LoanCase) -> frozenset[int]:
    """Persons who reviewed or approved the case before it was last reopened; nobody where it never was."""
    reopened = [step.created_at for step in rows(case, CaseStep) if step.event == Event.REOPEN]
    if not reopened:
        return frozenset()
    done = [each for each in rows(case, DutyDone) if each.duty in (Duty.REVIEWS, Duty.APPROVES)]
    return frozenset(each.person_id for each in done if each.created_at <= reopened[-1])


def decided_before(case: LoanCase, person_id: int | None) -> bool:
    """Tell whether a person is one of them."""
    return person_id in people_decided_before(case)
