"""How long a case may stand without a change, by state, and since when it does."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Max, Q

from apps.core import clock
from apps.workflow.models import LoanCase, Message
from apps.workflow.states import BEFORE_MONEY, State

WARNING_DAYS = 7
"""Days between the warning and the end."""
DEFAULT_DAYS: dict[str, int] = {
    State.DRAFT: 90,
    State.INTAKE: 180,
    State.CREDIT_REVIEW: 180,
    State.COLLATERAL_CHECK: 180,
    State.APPROVAL: 180,
    State.WAITING: 30,
    State.OFFERED: 120,
    State.CONTRACTING: 120,
    State.CONDITIONS: 120,
    State.PAYOUT: 120,
}
"""Days without a change after which a case expires; while the borrower is asked they run from the day of the answer."""


def days_by_state() -> dict[str, int]:
    """The days in force: what the installation sets, the defaults for the rest. A setting that makes no sense raises."""
    given: dict[str, int] = settings.LOANFLOW_EXPIRE_DAYS
    wrong = [name for name, days in given.items() if name not in BEFORE_MONEY or days <= WARNING_DAYS]
    if wrong:
        raise ImproperlyConfigured(
            f"LOANFLOW_EXPIRE_DAYS: {', '.join(wrong)}: no such state, or not more than {WARNING_DAYS} days"
        )
    return {**DEFAULT_DAYS, **given}


def idle_for(short_of: int = 0) -> Q:
    """Cases that may have stood as long as they may, less so many days; ``expires_at`` says it for certain."""
    now, wanted = clock.now(), Q(pk__in=[])
    for state, days in days_by_state().items():
        wanted |= Q(state=state, changed_at__lte=now - dt.timedelta(days=days - short_of))
    return wanted


def expires_at(case: LoanCase) -> dt.datetime:
    """When the case expires if nothing happens to it."""
    return idle_since(case) + dt.timedelta(days=days_by_state()[case.state])


def idle_since(case: LoanCase) -> dt.datetime:
    """When somebody last did or wrote something; while the borrower is asked, not before the day of the answer."""
    written = Message.objects.filter(case=case).exclude(author=None).aggregate(at=Max("created_at"))["at"]
    since = max(case.changed_at, written) if written else case.changed_at
    return max(since, _answer_due(case) or since)


def _answer_due(case: LoanCase) -> dt.datetime | None:
    if case.state != State.WAITING:
        return None
    asked = Message.objects.filter(case=case, kind="question", audience="borrower").order_by("-id")
    day = asked.values_list("due_on", flat=True).first()
    return None if day is None else dt.datetime.combine(day, dt.time(0), dt.UTC)


def is_warned(case: LoanCase) -> bool:
    """Tell whether the borrower was warned and nothing has happened since."""
    return case.warned_at is not None and case.warned_at >= idle_since(case)
