"""What a new loan does to the old ones: it settles those its facility replaces, out of its own payment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement.models import Drawdown
from apps.post_loan.models import LedgerEntry, LedgerKind, Loan, Repayment, RepaymentState, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.services.repaying import loan_copy, loan_written
from apps.post_loan.services.settling import quote, settle_rows
from apps.workflow.models import Facility


def repaid_of(facility: Facility) -> Decimal:
    """Principal that came back on the facility's loans."""
    rows = LedgerEntry.objects.filter(loan__facility=facility, kind=LedgerKind.PRINCIPAL)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _replaced(facility: Facility) -> list[Loan]:
    loans = Loan.objects.select_for_update(of=("self",)).select_related("case")
    return list(loans.filter(facility_id=facility.replaces_id or 0, state=LoanState.RUNNING).order_by("id"))


def to_net(facility: Facility, on: dt.date) -> Decimal:
    """What settles the running loans that a facility replaces, on a day; locks them."""
    return sum((quote(loan, list(loan.schedule.all()), on).total for loan in _replaced(facility)), Decimal(0))


def replaced_settle(actor: Actor, drawdown: Drawdown, new: Loan) -> None:
    """Settle the replaced loans with what the payment kept back: maker and checker of the order stand for it."""
    if not drawdown.netted or drawdown.netted_on is None:
        return
    left = drawdown.netted
    for loan in _replaced(drawdown.facility):
        left -= _settle(actor, loan, drawdown, drawdown.netted_on, new)
    if left:
        raise Refused(
            "netting", _("What was kept back does not settle the old loan; a person has to look."), subject=drawdown
        )


def _settle(actor: Actor, loan: Loan, drawdown: Drawdown, on: dt.date, new: Loan) -> Decimal:
    rows = list(ScheduleRow.objects.select_for_update().filter(loan=loan))
    total, order = quote(loan, rows, on).total, drawdown.order
    repayment = Repayment.objects.create(
        loan=loan,
        amount=total,
        value_on=on,
        reference_text=new.number,
        settles=True,
        state=RepaymentState.POSTED,
        entered_by_id=order.maker_id,
        checked_by_id=order.checker_id,
        checked_at=clock.now(),
    )
    settle_rows(loan, repayment, rows)
    repayment.save(update_fields=["allocation"])
    loan_written(loan, repayment, actor, settled=loan_copy(loan, rows, on))
    return total
