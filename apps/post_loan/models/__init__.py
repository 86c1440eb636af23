"""Loans, their schedules, repayments and ledger."""

from apps.post_loan.models.loan import Loan, LoanCounter, ScheduleRow
from apps.post_loan.models.money import LedgerEntry, LedgerKind, Repayment, RepaymentState

__all__ = ["LedgerEntry", "LedgerKind", "Loan", "LoanCounter", "Repayment", "RepaymentState", "ScheduleRow"]
