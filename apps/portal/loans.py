"""What a borrower is told of a loan: the next payment first, then schedule, balances, movements, and what settles it early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import BadInput
from apps.disbursement.models import Drawdown
from apps.post_loan.chart import balance_chart
from apps.post_loan.models import LedgerEntry, Loan, ScheduleRow
from apps.post_loan.process import LoanState
from apps.post_loan.rules import SettlementQuote, arrears, next_due
from apps.post_loan.selectors.pages import balances, owed_since, totals
from apps.post_loan.services.settling import quote

ZERO = Decimal(0)


def loan_shown(loan: Loan) -> dict[str, Any]:
    """Balance, next instalment, schedule with its totals and balances, the chart, and what was paid."""
    rows: list[ScheduleRow] = list(loan.schedule.order_by("number"))
    plain, ledger = [row.as_due() for row in rows], list(loan.ledger.order_by("id"))
    planned, following = balances(loan, rows), next_due(plain)
    return {
        "loan": loan, "rows": [(row, due) for row, due in zip(rows, plain, strict=True)], "totals": totals(rows),
        "lines": [
            (row, due, row.principal + row.interest, left)
            for row, due, (_day, left) in zip(rows, plain, planned[1:], strict=True)
        ],
        "next": following, "days_to_next": (following.due_on - clock.today()).days if following else None, "today": clock.today(),
        "arrears": arrears(plain, clock.today()), "ledger": ledger, "runs": loan.state == LoanState.RUNNING,
        "chart": balance_chart(planned, owed_since(ledger), clock.today()),
    }  # fmt: skip


def own_account(loan: Loan) -> Any:
    """The business's own verified account that the loan was paid to, masked, as payments usually come from it; or ``None``."""
    draw = Drawdown.objects.select_related("payee__key_owner").filter(uuid=loan.drawdown_uuid).first()
    return draw.payee if draw is not None and not draw.payee.is_supplier else None


def quote_on(loan: Loan, day: dt.date) -> SettlementQuote:
    """What settles a running loan on a day that is not past and before its last instalment; raises ``BadInput``."""
    rows = list(loan.schedule.order_by("number"))
    if loan.state != LoanState.RUNNING or not rows:
        raise BadInput({"on": [_("This loan is settled already.")]})
    if not clock.today() <= day <= rows[-1].due_on:
        raise BadInput({"on": [_("Choose a day from today to the last instalment.")]})
    return quote(loan, rows, day)


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a statement, both counted; ``None`` is open."""

    begins: dt.date | None = None
    ends: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        """Tell whether a day lies in the period."""
        return (self.begins is None or day >= self.begins) and (self.ends is None or day <= self.ends)


def opening_of(ledger: Sequence[LedgerEntry], period: Period) -> Decimal:
    """What was owed before the first day of a period."""
    before = [owed for day, owed in owed_since(ledger) if period.begins is not None and day < period.begins]
    return before[-1] if before else ZERO


def closing_of(ledger: Sequence[LedgerEntry], period: Period) -> Decimal:
    """What was owed at the end of the last day of a period."""
    until = [owed for day, owed in owed_since(ledger) if period.ends is None or day <= period.ends]
    return until[-1] if until else ZERO
