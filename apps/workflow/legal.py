"""Terms set by law beside the service clock: calendar days from the day an application came in, never paused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.borrowers.writing import pack_in_use
from apps.core import clock
from apps.core.memory import remembered
from apps.core.packs.shape import LegalClock
from apps.workflow.models import LoanCase
from apps.workflow.states import UNDER_REVIEW, State

SUBMITTED = "submitted"
NEAR_DAYS = 7
UNDECIDED = frozenset({*UNDER_REVIEW, State.WAITING})
"""States in which the applicant still waits for the answer that the law asks for."""


@dataclass(frozen=True, slots=True)
class LegalTerm:
    """One term of a case: what must have happened, its last day, and the calendar days left (negative: past)."""

    code: str
    label: Any
    last_day: dt.date
    days_left: int

    @property
    def is_past(self) -> bool:
        """Tell whether the last day is over."""
        return self.days_left < 0

    @property
    def is_near(self) -> bool:
        """Tell whether the last day is close, or is today."""
        return 0 <= self.days_left <= NEAR_DAYS


@remembered
def legal_clocks() -> tuple[LegalClock, ...]:
    """Clocks of the institution's pack that start when an application is submitted."""
    return tuple(each for each in pack_in_use().clocks if each.starts == SUBMITTED)


def legal_terms(case: LoanCase, clocks: Sequence[LegalClock] | None = None) -> list[LegalTerm]:
    """Terms that run for a case, the closest first; none before it came in and after it was decided."""
    if case.submitted_at is None or case.state not in UNDECIDED:
        return []
    began, today = clock.day_of(case.submitted_at), clock.today()
    terms = [_term(each, began, today) for each in (legal_clocks() if clocks is None else clocks)]
    return sorted(terms, key=lambda term: term.last_day)


def _term(law: LegalClock, began: dt.date, today: dt.date) -> LegalTerm:
    last = began + dt.timedelta(days=law.days)
    return LegalTerm(law.code, law.label, last, (last - today).days)
