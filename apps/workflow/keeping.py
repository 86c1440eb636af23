"""Which borrowers are kept for their cases' sake."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.borrowers.models import Borrower
from apps.workflow.models import LoanCase
from apps.workflow.states import ENDED


def with_cases(borrowers: QuerySet[Borrower], since: dt.datetime) -> QuerySet[Borrower]:
    """Narrow to those with an open case, or one that has come to its end after ``since``."""
    cases = LoanCase.objects.filter(borrower=OuterRef("pk")).filter(~Q(state__in=ENDED) | Q(entered_at__gt=since))
    return borrowers.filter(Exists(cases))


def borrower_of_number(number: str) -> int | None:
    """The borrower of a case's number."""
    return LoanCase.objects.filter(number=number).values_list("borrower_id", flat=True).first()
