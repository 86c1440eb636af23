"""Pages of accounts: signing in, enrolling, step-up, and one's own account."""
