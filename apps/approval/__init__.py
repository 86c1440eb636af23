"""Owns policy limits, authority, the decision memo, signatures, conditions and the offer.
Offers ApprovalOutcome.
Never pays."""
