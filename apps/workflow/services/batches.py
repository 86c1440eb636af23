"""Jobs that go through many cases: bounded batches, each case in an act of its own, so that one failure stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from apps.workflow.models import LoanCase

BATCH = 200

logger = logging.getLogger(__name__)


def each_alone(cases: QuerySet[LoanCase], do: Callable[[LoanCase], bool]) -> int:
    """Do something to every case of a queryset; returns to how many it was done. What fails is logged and left out."""
    return sum(_alone(case, do) for case in _in_batches(cases))


def _in_batches(cases: QuerySet[LoanCase]) -> Iterator[LoanCase]:
    last = 0
    while batch := list(cases.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _alone(case: LoanCase, do: Callable[[LoanCase], bool]) -> bool:
    try:
        return do(case)
    except Exception:  # of whatever kind: the next case has its own right to be looked at
        logger.exception("case left out: %s", case.number)
        return False
