"""Opens a loan when a drawdown is paid, inside the act that confirms the payment."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from apps.audit.services import record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.schedules import schedule
from apps.disbursement.models import Drawdown
from apps.disbursement.selectors.payments import term_of_draw
from apps.post_loan.models import LedgerEntry, LedgerKind, Loan, LoanCounter, ScheduleRow
from apps.post_loan.rules import loan_number
from apps.post_loan.services.netting import replaced_settle
from apps.workflow.models import Facility, FacilityState


def loan_open(
    *, actor: Actor, facility: Facility, drawdown_uuid: uuid.UUID, amount: Decimal, value_on: dt.date
) -> Loan:
    """Open the loan of a paid drawdown with its schedule; interest runs from ``value_on``. The same drawdown opens one loan."""
    if not actor.is_system:
        raise Refused("permission", "Only a confirmed payment opens a loan.", subject=facility, action="loan_open")
    known = Loan.objects.filter(drawdown_uuid=drawdown_uuid).first()
    return known or _opened(actor, facility, drawdown_uuid, amount, value_on)


def _opened(actor: Actor, facility: Facility, drawdown_uuid: uuid.UUID, amount: Decimal, value_on: dt.date) -> Loan:
    term, rate = term_of_draw(facility, value_on), facility.approved_rate
    if term is None or rate is None:
        raise Refused("terms", "The facility has no approved terms.", subject=facility, action="loan_open")
    loan = Loan.objects.create(
        number=_next_number(),
        case_id=facility.case_id,
        facility=facility,
        borrower_id=facility.borrower_id,
        branch_id=facility.case.branch_id,
        drawdown_uuid=drawdown_uuid,
        currency=facility.currency,
        principal=amount,
        rate=rate,
        term_months=term,
        method=facility.repayment,
        day_count=facility.day_count,
        paid_out_on=value_on,
        balance=amount,
    )
    rows = schedule(
        amount,
        rate,
        value_on,
        term,
        method=facility.repayment,
        day_count=facility.day_count,
        currency=facility.currency,
    )
    ScheduleRow.objects.bulk_create(
        ScheduleRow(loan=loan, number=row.number, due_on=row.due_on, principal=row.principal, interest=row.interest)
        for row in rows
    )
    loan.next_due_on = rows[0].due_on
    loan.save(update_fields=["next_due_on"])
    LedgerEntry.objects.create(loan=loan, kind=LedgerKind.PAYOUT, amount=amount, value_on=value_on, balance=amount)
    if facility.state != FacilityState.ACTIVE:
        facility.state = FacilityState.ACTIVE
        facility.save(update_fields=["state"])
    record(Tag.LOAN_OPENED, actor=actor, subject=loan, case=loan.case)
    return loan


def _next_number() -> str:
    counter, _created = LoanCounter.objects.select_for_update().get_or_create(year=clock.now().year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return loan_number(counter.year, counter.last)


def loan_of_payment(actor: Actor, drawdown: Drawdown, value_on: dt.date) -> None:
    """Open the loan of a confirmed payment and settle those it replaces; connected to disbursement's port."""
    loan = loan_open(
        actor=actor, facility=drawdown.facility, drawdown_uuid=drawdown.uuid, amount=drawdown.amount, value_on=value_on
    )
    replaced_settle(actor, drawdown, loan)
