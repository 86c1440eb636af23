"""Businesses, the people behind them, their accounts, who may act for or is tied to them, and how long they are kept."""

from apps.borrowers.models.accounts import BankAccount, VerifiedHow
from apps.borrowers.models.business import Borrower, BorrowerGroup
from apps.borrowers.models.people import Authority, Interest, InterestKind, Party
from apps.borrowers.models.privacy import (
    Basis,
    ForgetCause,
    ForgetRequest,
    LegalHold,
    Outcome,
    PrivacyRequest,
    RequestKind,
    RetentionRule,
)
from apps.borrowers.models.ties import BorrowerAccess, ConfirmedHow, StaffInterest, TieKind

__all__ = [
    "Authority",
    "BankAccount",
    "Basis",
    "Borrower",
    "BorrowerAccess",
    "BorrowerGroup",
    "ConfirmedHow",
    "ForgetCause",
    "ForgetRequest",
    "Interest",
    "InterestKind",
    "LegalHold",
    "Outcome",
    "Party",
    "PrivacyRequest",
    "RequestKind",
    "RetentionRule",
    "StaffInterest",
    "TieKind",
    "VerifiedHow",
]
