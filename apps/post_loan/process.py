"""The loan's own, smaller process table: the only place that says what may happen to a loan."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.permissions import Permission


class LoanState(models.TextChoices):
    """Where a loan stands; lateness is a figure, not a state."""

    RUNNING = "running", _("Running")
    SETTLED = "settled", _("Settled")
    CLOSED = "closed", _("Closed")


class LoanEvent(models.TextChoices):
    """What may happen to a loan."""

    OPEN = "open", _("Paid out")
    ENTER = "enter", _("Enter a repayment")
    POST = "post", _("Check and post a repayment")
    REJECT = "reject", _("Reject a repayment")
    SETTLE = "settle", _("All paid")
    CLOSE = "close", _("Close the loan")


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One arrow: event, state it starts from, target, permission (``None``: the system)."""

    event: LoanEvent
    source: str
    target: str
    permission: Permission | None


TABLE: tuple[LoanRow, ...] = (
    LoanRow(LoanEvent.OPEN, "", LoanState.RUNNING, None),
    LoanRow(LoanEvent.ENTER, LoanState.RUNNING, LoanState.RUNNING, Permission.REPAYMENT_POST),
    LoanRow(LoanEvent.POST, LoanState.RUNNING, LoanState.RUNNING, Permission.REPAYMENT_CHECK),
    LoanRow(LoanEvent.REJECT, LoanState.RUNNING, LoanState.RUNNING, Permission.REPAYMENT_CHECK),
    LoanRow(LoanEvent.SETTLE, LoanState.RUNNING, LoanState.SETTLED, None),
    LoanRow(LoanEvent.CLOSE, LoanState.SETTLED, LoanState.CLOSED, Permission.LOAN_CLOSE),
)


def find(state: str, event: str) -> LoanRow | None:
    """The arrow of an event in a state, or ``None``."""
    return next((row for row in TABLE if row.source == state and row.event == event), None)
