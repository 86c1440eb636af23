"""What a change of a business means for its cases: drafts and ended cases follow it, cases under review refuse it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.services.locking import STILL_OPEN, UNSETTLED, revise
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch
from apps.workflow.states import BEFORE_MONEY, State

UNDER_WAY = tuple(state for state in BEFORE_MONEY if state != State.DRAFT)
FOLLOWING = frozenset({State.DRAFT}) | (UNSETTLED - STILL_OPEN)
"""An ended case may be reopened: what was declared of the business as it stood then does not speak of it any more."""


def cases_under_way(borrower: Borrower, actor: Actor) -> list[Any]:
    """Sentences when somebody decides, or has decided, on the business as it stands."""
    numbers = (
        LoanCase.objects.filter(borrower=borrower, state__in=UNDER_WAY).order_by("id").values_list("number", flat=True)
    )
    return [_("Case %(number)s rests on this. Correct the application there instead.") % {"number": number}
            for number in numbers[:3]]  # fmt: skip


def drafts_follow(borrower: Borrower, actor: Actor) -> None:
    """Count the revision of every draft and ended case of the business, so that it has to be declared again."""
    drafts = LoanCase.objects.select_for_update(of=("self",)).filter(borrower=borrower, state__in=FOLLOWING)
    for case in drafts.select_related("borrower", "product", "branch").order_by("id"):
        revise(case)
        case_touch(case, actor=actor)
