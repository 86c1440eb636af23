"""Reads of facilities whose loans are run here."""

from __future__ import annotations

from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.disbursement.models import Drawdown
from apps.disbursement.models.payment import UNANSWERED
from apps.disbursement.selectors.payments import on_its_way
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.models import Facility, FacilityState, LoanCase
from apps.workflow.selectors.facilities import facilities_of
from apps.workflow.states import State


def facility_of(case: LoanCase, position: int) -> Facility:
    """A facility of the case; raises ``NotVisible`` where there is none."""
    found = Facility.objects.select_related("case").filter(case=case, position=position).first()
    if found is None:
        raise NotVisible(subject=case, action="facility")
    return found


def in_use(facility: Facility) -> bool:
    """Tell whether a loan of the facility is not closed, or a payment is on its way."""
    return on_its_way(facility) or facility.loans.exclude(state=LoanState.CLOSED).exists()


def facilities_idle(case: LoanCase) -> list[Facility]:
    """Facilities of an active case that only wait to be closed."""
    if case.state != State.ACTIVE:
        return []
    kept = [each for each in facilities_of(case) if each.state in (FacilityState.APPROVED, FacilityState.ACTIVE)]
    paying = {each.facility_id for each in rows(case, Drawdown) if each.state in UNANSWERED}
    running = {each.facility_id for each in rows(case, Loan) if each.state != LoanState.CLOSED}
    return [facility for facility in kept if facility.pk not in paying | running]
