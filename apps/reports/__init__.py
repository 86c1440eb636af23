"""Owns portfolio reports and figures.
Reads every floor below.
Never is imported."""
