"""Owns the evidence: events, MAC, journal, tripwire, verification and export.
Offers act(), record() and record_read().
Never judges who may act and has no pages."""
