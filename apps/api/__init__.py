"""Owns the machine interface.
Reads every floor below.
Never is imported."""
