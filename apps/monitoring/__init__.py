"""Owns health checks and watches.
Reads every floor below.
Never is imported."""
