"""Owns the evidence: events, MAC, journal, tripwire, tree, verification, export and drill.
Offers act(), record() and record_read().
Never judges who may act and has no pages."""
