"""Which borrowers are kept for their loans' sake."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.borrowers.models import Borrower
from apps.post_loan.models import Loan


def with_loans(borrowers: QuerySet[Borrower], since: dt.datetime) -> QuerySet[Borrower]:
    """Narrow to those with a loan that runs, or that was closed after ``since``."""
    loans = Loan.objects.filter(borrower=OuterRef("pk")).filter(Q(closed_at=None) | Q(closed_at__gt=since))
    return borrowers.filter(Exists(loans))


def borrower_of_loan(number: str) -> int | None:
    """The borrower of a loan's number."""
    return Loan.objects.filter(number=number).values_list("borrower_id", flat=True).first()
