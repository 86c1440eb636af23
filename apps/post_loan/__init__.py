"""Owns loans, schedules, the ledger, repayments and closing.
Offers balances and days past due.
Never lends more."""
