"""Owns the borrower's pages.
Reads every floor below.
Never is imported."""
