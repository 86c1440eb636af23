"""What post-loan shows on the case page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.access.services import can
from apps.core.actor import Actor
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.post_loan.models import Loan
from apps.post_loan.selectors.facilities import facilities_idle
from apps.post_loan.selectors.loans import days_late
from apps.post_loan.selectors.standing import standing_of
from apps.workflow.models import LoanCase


def loans(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """Loans that the case's payments opened, and facilities that only wait to be closed."""
    found = [(loan, days_late(loan)) for loan in rows(case, Loan)]
    idle = facilities_idle(case) if can(actor, Permission.LOAN_CLOSE, case).allowed else []
    return {"case": case, "rows": found, "idle": idle} if found else None


def standing(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """What the business and its group owe already, and how they have repaid."""
    found = standing_of(case)
    return {"standing": found, "with_this": found.together.approved + case.amount_asked} if found.is_known else None
