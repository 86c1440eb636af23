"""What post-loan shows on the case page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.actor import Actor
from apps.post_loan.models import Loan
from apps.post_loan.selectors.loans import days_late
from apps.workflow.models import LoanCase


def loans(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """Loans that the case's payments opened."""
    rows = [(loan, days_late(loan)) for loan in Loan.objects.filter(case=case).order_by("id")]
    return {"rows": rows} if rows else None
