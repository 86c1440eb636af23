"""Writes of accounts, by concern: signing in, factors, sessions, invitations, people and places."""
