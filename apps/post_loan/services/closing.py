"""Closing: a settled loan is closed; when nothing of a facility is left it closes, and with the last one the case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.disbursement.rules import is_available
from apps.disbursement.selectors.choosing import keepers_of
from apps.disbursement.selectors.payments import REVOLVING, on_its_way
from apps.disbursement.services.locking import case_enter
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanEvent, LoanState
from apps.post_loan.selectors.facilities import in_use
from apps.post_loan.services.repaying import loan_lock
from apps.workflow.models import Facility, FacilityState, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch, check_event, notify
from apps.workflow.states import State

CLOSER = Actor.system("closing", channel="task")
TO_RELEASE = "release_collateral"


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
    may_be_drawn = facility.kind == REVOLVING and is_available(facility.available_until, clock.today())
    if not may_be_drawn and not in_use(facility):
        _end(facility, FacilityState.CLOSED)


def _end(facility: Facility, state: str) -> None:
    facility.state = state
    facility.save(update_fields=["state"])


@act
def facility_close(*, actor: Actor, facility: Facility, version: int) -> Facility:
    """Give up what is left of a facility: closed after loans, cancelled where nothing was ever drawn; then the case may complete."""
    case = case_enter(facility.case, actor=actor, version=version, permission=Permission.LOAN_CLOSE)
    current = Facility.objects.select_for_update(of=("self",)).get(pk=facility.pk)
    if case.state != State.ACTIVE or current.state not in (FacilityState.APPROVED, FacilityState.ACTIVE):
        raise Refused("state", _("Only an open facility of an active case is closed."), subject=current)
    if in_use(current):
        raise Refused("in_use", _("The facility has a loan or a payment on its way."), subject=current)
    _end(current, FacilityState.CLOSED if current.loans.exists() else FacilityState.CANCELLED)
    case_touch(case, actor=actor)
    record(Tag.FACILITY_CLOSED, actor=actor, subject=current, case=case, note={"state": current.state})
    case_complete_if_done(case)
    return current


def complete_after_release(case: LoanCase, actor: Actor) -> None:
    """Complete the case when its last collateral is free; connected to collateral's registry."""
    case_complete_if_done(case)


def still_owed(case: LoanCase) -> list[Any]:
    """Why the case's collateral is not released yet: running loans, and payments on their way."""
    numbers = Loan.objects.filter(case=case, state=LoanState.RUNNING).order_by("id").values_list("number", flat=True)
    lines: list[Any] = [_("Loan %(number)s is not settled yet.") % {"number": number} for number in numbers]
    return lines + [_("A payment is on its way.") for each in case.facilities.all() if on_its_way(each)]


def case_complete_if_done(case: LoanCase) -> LoanCase:
    """Complete a case whose loans are closed and whose collateral is released; else tell who holds it, or the branch's keepers."""
    if case.state != State.ACTIVE:
        return case
    try:
        check_event(case, Event.COMPLETE, actor=CLOSER)
    except Refused:
        notify([case.holder_id] if case.holder_id else keepers_of(case), case, TO_RELEASE)
        return case
    return advance(case, Event.COMPLETE, actor=CLOSER, version=None)
