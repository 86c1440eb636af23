"""Who decided a case before it was reopened: others decide it anew."""

from __future__ import annotations

from apps.access.duties import Duty
from apps.workflow.memory import remembered
from apps.workflow.models import CaseStep, DutyDone, LoanCase
from apps.workflow.process import Event


@remembered
def people_decided_before(case: LoanCase) -> frozenset[int]:
    """Persons who reviewed or approved the case before it was last reopened; nobody where it never was."""
    steps = CaseStep.objects.filter(case=case, event=Event.REOPEN).order_by("-id")
    reopened_at = steps.values_list("created_at", flat=True).first()
    if reopened_at is None:
        return frozenset()
    done = DutyDone.objects.filter(case=case, duty__in=(Duty.REVIEWS, Duty.APPROVES), created_at__lte=reopened_at)
    return frozenset(done.values_list("person_id", flat=True))


def decided_before(case: LoanCase, person_id: int | None) -> bool:
    """Tell whether a person is one of them."""
    return person_id in people_decided_before(case)
