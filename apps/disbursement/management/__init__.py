"""Commands of disbursement."""
