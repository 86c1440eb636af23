"""Owns assets, title, liens, insurance and valuations.
Offers CollateralOutcome.
Never approves."""
