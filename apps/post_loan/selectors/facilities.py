"""Reads of facilities whose loans are run here."""

from __future__ import annotations

from apps.core.errors import NotVisible
from apps.disbursement.selectors.payments import on_its_way
from apps.post_loan.process import LoanState
from apps.workflow.models import Facility, FacilityState, LoanCase
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
    kept = Facility.objects.filter(case=case, state__in=[FacilityState.APPROVED, FacilityState.ACTIVE]).order_by(
        "position"
    )
    return [facility for facility in kept if not in_use(facility)]
