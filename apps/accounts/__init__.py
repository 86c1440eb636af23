"""Owns persons, accounts, branches, the institution, sign-in, sessions and own factors.
Offers the signed-in account and the age of its factor.
Never decides what a role may do."""
