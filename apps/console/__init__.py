"""Owns the back office's pages: home, audit explorer, people, roles, branches, products, process and matrix.
Reads every floor below.
Never is imported."""
