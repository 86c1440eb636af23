"""Reads of intake: what later stages learn of an application, and what pages show."""

from apps.applications.selectors.outcome import (
    ApplicationOutcome,
    ConsentOutcome,
    FacilityOutcome,
    PersonOutcome,
    VisitOutcome,
    application_outcome,
)
from apps.applications.selectors.reading import WordsShown, application_read, visit_read

__all__ = [
    "ApplicationOutcome",
    "ConsentOutcome",
    "FacilityOutcome",
    "PersonOutcome",
    "VisitOutcome",
    "WordsShown",
    "application_outcome",
    "application_read",
    "visit_read",
]
