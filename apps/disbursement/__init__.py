"""Owns contracts, evidenced conditions, drawdowns and payment orders.
Offers exactly-once release to a bank channel.
Never changes approved terms."""
