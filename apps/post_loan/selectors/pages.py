"""What the page of a loan shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from apps.access.services import can
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.post_loan import rules
from apps.post_loan.chart import balance_chart
from apps.post_loan.models import LedgerEntry, LedgerKind, Loan, RepaymentState, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.services.settling import quote

ZERO = Decimal(0)


def loan_page(actor: Actor, loan: Loan) -> dict[str, Any]:
    """Figures, schedule with totals, repayments, ledger and the steps open to the actor; five queries and the checks."""
    rows = list(loan.schedule.all())
    dues, ledger = [row.as_due() for row in rows], list(loan.ledger.all())
    planned = balances(loan, rows)
    running = loan.state == LoanState.RUNNING
    return {
        "loan": loan,
        "rows": [(row, row.as_due(), left) for row, (_day, left) in zip(rows, planned[1:], strict=True)],
        "chart": balance_chart(planned, owed_since(ledger), clock.today()),
        "totals": totals(rows),
        "arrears": rules.arrears(dues, clock.today()),
        "dpd": rules.days_past_due(dues, clock.today()),
        "next": rules.next_due(dues),
        "quote": quote(loan, rows, clock.today()) if running else None,
        "today": clock.today(),
        "repayments": list(loan.repayments.select_related("entered_by", "checked_by").order_by("-id")),
        "ledger": ledger,
        "may_enter": running and can(actor, Permission.REPAYMENT_POST, loan).allowed,
        "may_check": running and can(actor, Permission.REPAYMENT_CHECK, loan).allowed,
        "person_id": actor.person_id,
        "may_close": loan.state == LoanState.SETTLED and can(actor, Permission.LOAN_CLOSE, loan).allowed,
        "ENTERED": RepaymentState.ENTERED,
    }


def balances(loan: Loan, rows: list[ScheduleRow]) -> list[tuple[dt.date, Decimal]]:
    """What is owed by plan: all of it from the payout on, then what each instalment leaves."""
    steps, left = [(loan.paid_out_on, loan.principal)], loan.principal
    for row in rows:
        left -= row.principal
        steps.append((row.due_on, left))
    return steps


def owed_since(ledger: Sequence[LedgerEntry]) -> list[tuple[dt.date, Decimal]]:
    """What is really owed, by value date: a posting that came late counts from the day it was valued."""
    signs = {LedgerKind.PAYOUT: 1, LedgerKind.PRINCIPAL: -1}
    steps, owed = [], ZERO
    for entry in sorted(ledger, key=lambda entry: (entry.value_on, entry.pk)):
        owed += signs.get(LedgerKind(entry.kind), 0) * entry.amount
        steps.append((entry.value_on, owed))
    return steps


def totals(rows: list[ScheduleRow]) -> dict[str, Decimal]:
    """Sums under the schedule's columns."""
    names = ("principal", "interest", "paid_principal", "paid_interest")
    sums = {name: sum((getattr(row, name) for row in rows), ZERO) for name in names}
    due, paid = sums["principal"] + sums["interest"], sums["paid_principal"] + sums["paid_interest"]
    return sums | {"due": due, "paid": paid, "open": due - paid}
