"""Owns intake: the application, documents, checklist, identity checks and visits.
Offers ApplicationOutcome.
Never judges credit."""
