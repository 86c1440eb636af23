"""Businesses, the people behind them, their accounts, and who may act for or is tied to them."""

from apps.borrowers.models.accounts import BankAccount, VerifiedHow
from apps.borrowers.models.business import Borrower, BorrowerGroup
from apps.borrowers.models.people import Authority, Interest, InterestKind, Party
from apps.borrowers.models.ties import BorrowerAccess, ConfirmedHow, StaffInterest, TieKind

__all__ = [
    "Authority",
    "BankAccount",
    "Borrower",
    "BorrowerAccess",
    "BorrowerGroup",
    "ConfirmedHow",
    "Interest",
    "InterestKind",
    "Party",
    "StaffInterest",
    "TieKind",
    "VerifiedHow",
]
