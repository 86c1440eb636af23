"""The demo book: a seeded play of a bank's year, through the real services under a moved clock.

Every case is a *life*: a generator that does one act and says how long to wait for the next. A scheduler lets the lives go
on in the order of time, so numbers and times of the log agree; all events say ``simulated``.
"""
