"""Owns the role table, role grants, duties and object grants.
Offers can(), the Actor of a request and the middleware that enforces @requires.
Never knows a stage."""
