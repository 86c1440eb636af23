"""A book of 100,000 cases in PostgreSQL, and what its pages cost: `benchmarks/pages.py` is the way in."""
