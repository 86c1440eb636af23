"""Reads of intake: what later stages learn of an application, and what pages show."""

from apps.applications.guards import visit_waived
from apps.applications.selectors.outcome import (
    ApplicationOutcome,
    ConsentOutcome,
    FacilityOutcome,
    PersonOutcome,
    VisitOutcome,
    WordsBound,
    application_outcome,
    words_bound,
)
from apps.applications.selectors.reading import WordsShown, application_read, visit_read

__all__ = [
    "ApplicationOutcome",
    "ConsentOutcome",
    "FacilityOutcome",
    "PersonOutcome",
    "VisitOutcome",
    "WordsBound",
    "WordsShown",
    "application_outcome",
    "application_read",
    "visit_read",
    "visit_waived",
    "words_bound",
]
