"""Early settlement: all principal and the interest up to the day; later interest is not charged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.core import figures
from apps.core.errors import BadInput
from apps.post_loan import rules
from apps.post_loan.models import LedgerEntry, LedgerKind, Loan, Repayment, ScheduleRow

ZERO = Decimal(0)


def quote(loan: Loan, rows: Sequence[ScheduleRow], on: dt.date) -> rules.SettlementQuote:
    """What settles the loan on a day."""
    dues = [row.as_due() for row in rows]
    return rules.settlement(
        dues, on, start=loan.paid_out_on, rate_percent=loan.rate, day_count=loan.day_count, currency=loan.currency
    )


def settle_rows(loan: Loan, repayment: Repayment, rows: Sequence[ScheduleRow]) -> None:
    """Close every instalment against a repayment that equals the quote of its value date; raises ``BadInput`` else."""
    needed = quote(loan, rows, repayment.value_on)
    if repayment.amount != needed.total:
        raise BadInput(
            {
                "amount": [
                    _("On that day %(total)s settle the loan.") % {"total": figures.amount(needed.total, loan.currency)}
                ]
            }
        )
    past = [row for row in rows if row.due_on <= repayment.value_on]
    later = [row for row in rows if row.due_on > repayment.value_on]
    running = needed.interest - sum((row.as_due().open_interest for row in past), ZERO)
    waived = sum((row.as_due().open_interest for row in later), ZERO) - max(running, ZERO)
    _close(past, later, running)
    repayment.allocation = [{"settles": True, "interest": str(needed.interest), "principal": str(needed.principal)}]
    moved = {
        LedgerKind.INTEREST: max(needed.interest, ZERO),
        LedgerKind.INTEREST_BACK: max(-needed.interest, ZERO),
        LedgerKind.PRINCIPAL: needed.principal,
        LedgerKind.INTEREST_WAIVED: waived,
    }
    _book(loan, repayment, moved)


def _close(past: Sequence[ScheduleRow], later: Sequence[ScheduleRow], running: Decimal) -> None:
    """Mark all as paid; interest not yet due becomes what has run of it, less what is given back of what was paid ahead."""
    for row in past:
        row.paid_interest = row.interest
    for row in reversed(later):
        back = min(max(-running, ZERO), row.paid_interest)
        running += back
        row.paid_interest -= back
        row.interest = row.paid_interest
    for row in later[:1]:
        row.interest += running
        row.paid_interest += running
    for row in (*past, *later):
        row.paid_principal = row.principal
        row.save(update_fields=["interest", "paid_principal", "paid_interest"])


def _book(loan: Loan, repayment: Repayment, moved: Mapping[LedgerKind, Decimal]) -> None:
    for kind, amount in moved.items():
        before = kind in (LedgerKind.INTEREST, LedgerKind.INTEREST_BACK)
        if amount:
            LedgerEntry.objects.create(
                loan=loan,
                repayment=repayment,
                kind=kind,
                amount=amount,
                value_on=repayment.value_on,
                balance=loan.balance if before else ZERO,
            )
