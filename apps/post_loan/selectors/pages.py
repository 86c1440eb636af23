"""What the page of a loan shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.access.services import can
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.post_loan import rules
from apps.post_loan.models import Loan, RepaymentState, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.services.settling import quote

ZERO = Decimal(0)


def loan_page(actor: Actor, loan: Loan) -> dict[str, Any]:
    """Figures, schedule with totals, repayments, ledger and the steps open to the actor; five queries and the checks."""
    rows = list(loan.schedule.all())
    dues = [row.as_due() for row in rows]
    running = loan.state == LoanState.RUNNING
    return {
        "loan": loan,
        "rows": [(row, row.as_due()) for row in rows],
        "totals": totals(rows),
        "arrears": rules.arrears(dues, clock.today()),
        "dpd": rules.days_past_due(dues, clock.today()),
        "next": rules.next_due(dues),
        "quote": quote(loan, rows, clock.today()) if running else None,
        "today": clock.today(),
        "repayments": list(loan.repayments.select_related("entered_by", "checked_by").order_by("-id")),
        "ledger": list(loan.ledger.all()),
        "may_enter": running and can(actor, Permission.REPAYMENT_POST, loan).allowed,
        "may_check": running and can(actor, Permission.REPAYMENT_CHECK, loan).allowed,
        "person_id": actor.person_id,
        "may_close": loan.state == LoanState.SETTLED and can(actor, Permission.LOAN_CLOSE, loan).allowed,
        "ENTERED": RepaymentState.ENTERED,
    }


def totals(rows: list[ScheduleRow]) -> dict[str, Decimal]:
    """Sums under the schedule's columns."""
    names = ("principal", "interest", "paid_principal", "paid_interest")
    sums = {name: sum((getattr(row, name) for row in rows), ZERO) for name in names}
    due, paid = sums["principal"] + sums["interest"], sums["paid_principal"] + sums["paid_interest"]
    return sums | {"due": due, "paid": paid, "open": due - paid}
