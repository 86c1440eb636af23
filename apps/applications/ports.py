"""What upper floors tell intake: up to which amount the credit policy asks for no visit. Approval fills it in ``ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class VisitFree:
    """The largest amount, in the case's currency, that is lent without a visit, and the policy version that says so."""

    up_to: Decimal
    policy: int


Lookup = Callable[[LoanCase], VisitFree | None]


def always_visited(_case: LoanCase) -> VisitFree | None:
    """Answer of a port that nobody has filled: every business is visited."""
    return None


class Ports:
    """``visit_free``: what the credit policy that holds for a case says about visits; ``None`` asks for one always."""

    visit_free: Lookup = staticmethod(always_visited)


def fill(visit_free: Lookup) -> None:
    """Connect the port; approval calls it once."""
    Ports.visit_free = staticmethod(visit_free)
