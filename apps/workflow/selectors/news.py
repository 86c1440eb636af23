"""What others did on a person's cases since that person last looked: cases they hold, and open ones they worked on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.models import CaseStep, LoanCase
from apps.workflow.selectors.scope import whole, without_excluded
from apps.workflow.selectors.timeline import Happened, happened
from apps.workflow.states import OPEN

MOST_CASES = 200
FIRST_LOOK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class News:
    """One step that somebody else took on a case of the reader's."""

    case: LoanCase
    step: Happened
    number: int

    @property
    def words(self) -> Any:
        """What happened."""
        return self.step.label


def news_for(actor: Actor, since: int | None, limit: int = 8) -> list[News]:
    """Newest steps of others on the actor's cases past step ``since``; of the last week for who has never looked."""
    ids = _own_cases(actor)
    if not ids:
        return []
    rows = CaseStep.objects.filter(case_id__in=ids).exclude(person_id=actor.person_id or 0)
    rows = rows.filter(created_at__gte=clock.now() - FIRST_LOOK) if since is None else rows.filter(pk__gt=since)
    steps: Sequence[CaseStep] = list(rows.select_related("case__borrower").order_by("-pk")[:limit])
    return [
        News(step.case, told, step.pk) for step, told in zip(steps, happened(steps, with_reasons=False), strict=True)
    ]


def newest_step() -> int:
    """Number of the newest step of any case; 0 where there is none."""
    return CaseStep.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _own_cases(actor: Actor) -> list[int]:
    """Open cases in sight that the person holds, and those in which they took on a duty; one statement."""
    scope = whole(actor)
    if scope is None or not actor.person_id:
        return []
    live = without_excluded(actor, LoanCase.objects.filter(scope, state__in=OPEN)).order_by()
    held = live.filter(holder_id=actor.person_id).values_list("pk", flat=True)
    done = live.filter(duties__person_id=actor.person_id).values_list("pk", flat=True)
    return list(held.union(done)[:MOST_CASES])
