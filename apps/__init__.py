"""The organs of LoanFlow, bottom to top; see docs/architecture.md for the import order."""
