"""Reminders: the holder when a deadline is near or has passed, then the leads; the leads when a legal term comes close.

Each is given once: for as long as a case stays in a state, or for a legal term from the day the application came in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.selectors import people_closest
from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.packs.shape import LegalClock
from apps.core.permissions import Permission
from apps.workflow.dutybook import kept_off
from apps.workflow.legal import NEAR_DAYS, UNDECIDED, legal_clocks
from apps.workflow.models import LoanCase, Notice
from apps.workflow.services.batches import each_alone
from apps.workflow.services.cases import case_lock
from apps.workflow.services.talk import notify
from apps.workflow.states import OPEN

NEAR = dt.timedelta(hours=24)
TO_LEADS_AFTER = dt.timedelta(hours=24)
DUE, LATE, LATE_LEAD, LEGAL = "due", "late", "late_lead", "legal"


def reminders_send(actor: Actor) -> int:
    """Send every reminder that is due and was not sent; returns how many cases somebody was reminded of."""
    return sum((
        _holders(actor, DUE, Q(due_at__gt=clock.now(), due_at__lte=clock.now() + NEAR)),
        _holders(actor, LATE, Q(due_at__lte=clock.now())),
        _leads_late(actor),
        *(_leads_legal(actor, law) for law in legal_clocks()),
    ))  # fmt: skip


def leads_of(case: LoanCase) -> set[int]:
    """Persons who lead the case's branch, but for whom something keeps off the case."""
    return people_closest(Permission.CASE_REASSIGN, case.branch_id) - kept_off(case, None)


def _holders(actor: Actor, kind: str, late: Q) -> int:
    told = _told(kind, "entered_at").filter(person=OuterRef("holder"))
    cases = _moving().filter(late, ~Exists(told)).exclude(holder=None)
    return each_alone(
        cases,
        lambda case: case_remind(actor=actor, case=case, kind=kind, since=case.entered_at, people={case.holder_id}),
    )


def _leads_late(actor: Actor) -> int:
    cases = _moving().filter(~Exists(_told(LATE_LEAD, "entered_at")), due_at__lte=clock.now() - TO_LEADS_AFTER)
    return each_alone(
        cases,
        lambda case: case_remind(
            actor=actor, case=case, kind=LATE_LEAD, since=case.entered_at, people=leads_of(case), once=True
        ),
    )


def _leads_legal(actor: Actor, law: LegalClock) -> int:
    kind = f"{LEGAL}.{law.code}"
    soon = clock.now() - dt.timedelta(days=law.days - NEAR_DAYS)
    cases = LoanCase.objects.filter(~Exists(_told(kind, "submitted_at")), state__in=UNDECIDED, submitted_at__lte=soon)
    return each_alone(
        cases,
        lambda case: case_remind(
            actor=actor,
            case=case,
            kind=kind,
            since=case.submitted_at or case.entered_at,
            people=leads_of(case),
            once=True,
        ),
    )


@act
def case_remind(
    *, actor: Actor, case: LoanCase, kind: str, since: dt.datetime, people: Collection[int | None], once: bool = False
) -> bool:
    """Remind people of a case unless they were since a moment (with ``once``: unless anybody was); returns whether any was."""
    locked = case_lock(case, actor=actor, version=None)
    authorize(actor, Permission.CASE_EXPIRE, locked)
    told = set(_reminded(locked, kind, since))
    left = {person for person in people if person is not None} - told
    if not left or (once and told):
        return False
    notify(left, locked, kind)
    note = {"kind": kind, "people": len(left)}
    record(Tag.CASE_REMINDED, actor=actor, subject=locked, case=locked, stage=locked.stage, note=note)
    return True


def _reminded(case: LoanCase, kind: str, since: dt.datetime) -> Iterable[int]:
    rows = Notice.objects.filter(case=case, kind=kind, created_at__gte=since)
    return rows.values_list("person_id", flat=True)


def _told(kind: str, since: str) -> QuerySet[Notice]:
    return Notice.objects.filter(case=OuterRef("pk"), kind=kind, created_at__gte=OuterRef(since))


def _moving() -> QuerySet[LoanCase]:
    return LoanCase.objects.filter(state__in=OPEN, is_frozen=False)
