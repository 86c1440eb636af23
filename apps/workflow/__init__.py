"""Owns the case, its facilities, the process table, duties done, conversation and deadlines.
Offers advance(), cases_visible_to() and the panel registry.
Never imports a later stage."""
