"""Facilities of a case."""

from __future__ import annotations

from apps.core.gathered import rows
from apps.workflow.models import Facility, LoanCase


def facilities_of(case: LoanCase) -> list[Facility]:
    """Facilities of a case in their order."""
    return sorted(rows(case, Facility), key=lambda each: each.position)
