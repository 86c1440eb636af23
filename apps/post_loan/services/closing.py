"""Closing: a settled loan is closed; when nothing of a facility is left it closes, and with the last one the case."""

from __future__ import annotations

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanEvent, LoanState
from apps.post_loan.services.repaying import loan_lock
from apps.workflow.models import FacilityState, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, check_event, notify
from apps.workflow.states import State

CLOSER = Actor.system("closing", channel="task")


@act
def loan_close(*, actor: Actor, loan: Loan, version: int | None) -> Loan:
    """Close a settled loan. The facility closes with it unless it may still be drawn."""
    locked = loan_lock(loan, event=LoanEvent.CLOSE, actor=actor, version=version)
    locked.state, locked.closed_at = LoanState.CLOSED, clock.now()
    locked.version += 1
    locked.save()
    _close_facility(locked)
    record(Tag.LOAN_CLOSED, actor=actor, subject=locked, case=locked.case)
    case_complete_if_done(locked.case)
    return locked


def _close_facility(loan: Loan) -> None:
    facility = loan.facility
    may_be_drawn = facility.kind == "revolving" and facility.available_until is not None and facility.available_until >= clock.today()
    if facility.loans.exclude(state=LoanState.CLOSED).exists() or may_be_drawn:
        return
    facility.state = FacilityState.CLOSED
    facility.save(update_fields=["state"])


def case_complete_if_done(case: LoanCase) -> LoanCase:
    """Complete a case whose loans are closed and whose collateral is released; else leave it and say nothing."""
    if case.state != State.ACTIVE:
        return case
    try:
        check_event(case, Event.COMPLETE, actor=CLOSER)
    except Refused:
        notify([case.holder_id], case, "release_collateral")
        return case
    return advance(case, Event.COMPLETE, actor=CLOSER, version=None)
