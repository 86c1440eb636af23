"""How loans have been repaid: instalments met in time, the longest delay. Pure functions of schedule rows and payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.post_loan.rules import Due, arrears

ZERO = Decimal(0)

Payment = tuple[dt.date, Sequence[Mapping[str, Any]]]
"""Value date of a posted repayment, and the instalments that it went to as the repayment keeps them."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """Instalments that have come due, those paid by their day, the longest delay in days, and what is late now."""

    due: int = 0
    in_time: int = 0
    longest_delay: int = 0
    late_now: Decimal = ZERO

    def __add__(self, other: Conduct) -> Conduct:
        """The conduct over both."""
        return Conduct(
            self.due + other.due, self.in_time + other.in_time, max(self.longest_delay, other.longest_delay),
            self.late_now + other.late_now,
        )  # fmt: skip


def conduct_of(dues: Iterable[Due], payments: Sequence[Payment], today: dt.date) -> Conduct:
    """Judge one loan as of a day; what is due today and open is not late yet, what was due after a settlement never was."""
    rows = list(dues)
    ends = _days_paid(payments)
    settled_on = min((day for day, parts in payments if any(part.get("settles") for part in parts)), default=today)
    until = min(today, settled_on)
    met = [row for row in rows if row.due_on < until or (row.due_on == until and not row.open_total)]
    delays = [_delay(row, ends.get(row.number, settled_on), today) for row in met]
    return Conduct(len(met), sum(delay == 0 for delay in delays), max(delays, default=0), arrears(rows, today))


def _days_paid(payments: Sequence[Payment]) -> dict[int, dt.date]:
    """The last day on which something was paid on each instalment."""
    days: dict[int, dt.date] = {}
    for day, parts in payments:
        for number in (part["number"] for part in parts if "number" in part):
            days[number] = max(day, days.get(number, day))
    return days


def _delay(row: Due, paid_on: dt.date, today: dt.date) -> int:
    """Days from the due date to the payment, or until today where something is open."""
    return max(((today if row.open_total else paid_on) - row.due_on).days, 0)
