"""Reads of post-loan, limited to what the actor may see."""

from apps.post_loan.selectors.facilities import facilities_idle, facility_of
from apps.post_loan.selectors.loans import LoanFilter, days_late, loan_get, loans_visible_to, repayment_of
from apps.post_loan.selectors.pages import loan_page

__all__ = [
    "LoanFilter",
    "days_late",
    "facilities_idle",
    "facility_of",
    "loan_get",
    "loan_page",
    "loans_visible_to",
    "repayment_of",
]
