"""What a repayment pays, what is outstanding and how late: pure functions of schedule rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.schedules import interest_for

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment as it stands: what is due on a day, and what of it has been paid."""

    number: int
    due_on: dt.date
    principal: Decimal
    interest: Decimal
    paid_principal: Decimal = ZERO
    paid_interest: Decimal = ZERO

    @property
    def open_principal(self) -> Decimal:
        """Principal still to be paid."""
        return self.principal - self.paid_principal

    @property
    def open_interest(self) -> Decimal:
        """Interest still to be paid."""
        return self.interest - self.paid_interest

    @property
    def paid_total(self) -> Decimal:
        """All that has been paid of the instalment."""
        return self.paid_principal + self.paid_interest

    @property
    def open_total(self) -> Decimal:
        """All that is still to be paid of the instalment."""
        return self.open_principal + self.open_interest


@dataclass(frozen=True, slots=True)
class Allocation:
    """What part of a repayment goes to one instalment."""

    number: int
    interest: Decimal
    principal: Decimal


def allocate(amount: Decimal, dues: Iterable[Due]) -> tuple[list[Allocation], Decimal]:
    """Split a repayment over instalments, the oldest first, interest before principal; returns what is left over too.

    Raises ``ValueError`` for an amount that is not positive.
    """
    if amount <= 0:
        raise ValueError("a repayment is positive")
    left, parts = amount, []
    for due in sorted(dues, key=lambda row: row.due_on):
        interest = min(left, due.open_interest)
        principal = min(left - interest, due.open_principal)
        left -= interest + principal
        if interest or principal:
            parts.append(Allocation(due.number, interest, principal))
    return parts, left


def outstanding_principal(dues: Iterable[Due]) -> Decimal:
    """Principal not yet repaid, due or not."""
    return sum((due.open_principal for due in dues), ZERO)


def arrears(dues: Iterable[Due], today: dt.date) -> Decimal:
    """What should have been paid before ``today`` and was not."""
    return sum((due.open_total for due in dues if due.due_on < today), ZERO)


def days_past_due(dues: Iterable[Due], today: dt.date) -> int:
    """Calendar days since the oldest unpaid due date; 0 when nothing is late."""
    late = [due.due_on for due in dues if due.open_total > 0 and due.due_on < today]
    return (today - min(late)).days if late else 0


def next_due(dues: Iterable[Due]) -> Due | None:
    """The oldest instalment not fully paid."""
    return min((due for due in dues if due.open_total > 0), key=lambda due: due.due_on, default=None)


@dataclass(frozen=True, slots=True)
class SettlementQuote:
    """What settles a loan on a day: all principal, interest of past instalments, and interest accrued since the last due date."""

    on: dt.date
    principal: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        """The sum to be paid."""
        return self.principal + self.interest


def settlement(
    dues: Sequence[Due],
    on: dt.date,
    *,
    start: dt.date,
    rate_percent: Decimal,
    day_count: str,
    currency: str,
) -> SettlementQuote:
    """Quote early settlement on a day; interest of the running period accrues by the day on the open principal.

    Interest that was paid ahead of what has run is given back: it lessens the sum, at most by the principal.
    """
    past = [due for due in dues if due.due_on <= on]
    since = max((due.due_on for due in past), default=start)
    principal = outstanding_principal(dues)
    not_yet_due = sum((due.open_principal for due in dues if due.due_on > on), ZERO)
    overdue_interest = sum((due.open_interest for due in past), ZERO)
    prepaid = sum((due.paid_interest for due in dues if due.due_on > on), ZERO)
    accrued = interest_for(not_yet_due, rate_percent, since, on, day_count, currency) if on > since else ZERO
    return SettlementQuote(on, principal, overdue_interest + max(accrued - prepaid, -principal))


def loan_number(year: int, serial: int) -> str:
    """Reference ``LN-YYYY-NNNNNN`` of the ``serial``-th loan of a year."""
    return f"LN-{year:04d}-{serial:06d}"
