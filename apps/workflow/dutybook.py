"""Who did what where it counts: this case, the group's open cases, and those decided a while ago."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, DateTimeField, Q, QuerySet

from apps.access.duties import SETTABLE, Duty, Pair, excluded, exclusive
from apps.borrowers.models import StaffInterest
from apps.core import clock
from apps.core.gathered import rows
from apps.core.memory import remembered
from apps.core.prepared import Prepared
from apps.workflow.models import CaseBlock, CaseStep, DutyDone, LoanCase
from apps.workflow.states import ENDED


def group_filter(case: LoanCase, prefix: str = "") -> Q:
    """Rows of the case's borrower, or of all members of its group."""
    group_id = case.borrower.group_id
    if group_id is None:
        return Q(**{f"{prefix}borrower_id": case.borrower_id})
    return Q(**{f"{prefix}borrower__group_id": group_id})


@remembered
def duties_near(case: LoanCase, person_id: int) -> frozenset[Duty]:
    """Duties of a person on the case, the group's open cases and those decided within the settable months."""
    group_id = case.borrower.group_id
    asked, of = (_NEAR_BORROWER, case.borrower_id) if group_id is None else (_NEAR_GROUP, group_id)
    return frozenset(Duty(duty) for duty in asked.rows(case=case.pk, of=of, since=_counted_since(), person=person_id))


def counting(case: LoanCase) -> Q:
    """Duties that count on a case: its own, the group's open cases', and those decided within the settable months."""
    return _counting(case.pk, group_filter(case), _counted_since())


def _counted_since() -> dt.datetime:
    return clock.now() - dt.timedelta(days=31 * settings.LOANFLOW_DUTY_MONTHS)


def _counting(case: Any, near: Q, since: Any) -> Q:
    """Two ranges of their own, put together: an OR over both would have the database read every duty there is."""
    of_group = DutyDone.objects.filter(near, ~Q(case__state__in=ENDED) | Q(case__decided_at__gte=since))
    own = DutyDone.objects.filter(case_id=case)
    return Q(pk__in=own.order_by().values("pk").union(of_group.order_by().values("pk")))


def _near(path: str) -> Prepared[str]:
    def build(case: Any, of: Any, since: Any, person: Any) -> QuerySet[DutyDone, str]:
        rows = DutyDone.objects.filter(_counting(case, Q(**{path: of}), since), person_id=person)
        return rows.values_list("duty", flat=True)

    number = BigIntegerField()
    return Prepared(build, {"case": number, "of": number, "since": DateTimeField(), "person": number})


_NEAR_BORROWER, _NEAR_GROUP = _near("borrower_id"), _near("borrower__group_id")


def loosened() -> frozenset[Pair]:
    """Pairs of duties that this institution lets one person do: none, or verifying and reviewing in small branches."""
    return SETTABLE if settings.LOANFLOW_VERIFIER_MAY_REVIEW else frozenset()


def excluded_by(case: LoanCase, duty: Duty, person_id: int) -> Duty | None:
    """Duty done that keeps a person from another one on a case, or ``None``."""
    return excluded(duty, duties_near(case, person_id), loosened())


def kept_off(case: LoanCase, duty: Duty | None) -> set[int]:
    """Persons whom a block, a tie or a duty done keeps from a duty on a case, whoever they are. Three queries."""
    blocked = CaseBlock.objects.filter(case=case).exclude(ends_at__lte=clock.now())
    off = {*blocked.values_list("person_id", flat=True), *ties_on(case).values_list("person_id", flat=True)}
    if duty is None:
        return off
    others = [each for each in Duty if exclusive(duty, each, loosened())]
    return off | set(DutyDone.objects.filter(counting(case), duty__in=others).values_list("person_id", flat=True))


def people_off(case: LoanCase) -> set[int]:
    """Persons whom a block or a tie keeps off a case altogether. Two queries."""
    return kept_off(case, None)


def duties_by_person(case: LoanCase) -> dict[int, frozenset[Duty]]:
    """Duties that count on a case, by who did them. One query."""
    found: dict[int, set[Duty]] = {}
    for person_id, duty in DutyDone.objects.filter(counting(case)).values_list("person_id", "duty"):
        found.setdefault(person_id, set()).add(Duty(duty))
    return {person: frozenset(duties) for person, duties in found.items()}


def person_did(case: LoanCase, person_id: int) -> frozenset[Duty]:
    """Duties a person took on in this very case."""
    return frozenset(
        Duty(duty) for duty in DutyDone.objects.filter(case=case, person_id=person_id).values_list("duty", flat=True)
    )


def acted_through_deputy(case: LoanCase, events: Iterable[str], person_ids: Iterable[int], since: dt.datetime) -> bool:
    """Tell whether a deputy took one of some steps of a case for any of the persons since a moment."""
    taken, people = frozenset(events), frozenset(person_ids)
    return any(
        step.event in taken and step.created_at >= since and step.on_behalf_of_id in people
        for step in rows(case, CaseStep)
    )


@remembered
def has_interest(case: LoanCase, person_id: int) -> bool:
    """Tell whether a person declared a tie to the borrower or a member of its group."""
    return ties_on(case).filter(person_id=person_id).exists()


def ties_on(case: LoanCase) -> QuerySet[StaffInterest]:
    """Ties to the borrower or a member of its group that count now."""
    live = StaffInterest.objects.exclude(ended_on__lte=clock.today())
    return live.filter(Q(borrower_id=case.borrower_id) | _same_group(case))


def _same_group(case: LoanCase) -> Q:
    group_id = case.borrower.group_id
    return Q(pk__in=[]) if group_id is None else Q(borrower__group_id=group_id)


@remembered
def is_blocked(case_id: int, person_id: int | None) -> bool:
    """Tell whether a conflict of interest keeps a person off a case now."""
    if person_id is None:
        return False
    return bool(_BLOCKED.rows(case=case_id, person=person_id, now=clock.now()))


_BLOCKED: Prepared[int] = Prepared(
    lambda case, person, now: (
        CaseBlock.objects.filter(case_id=case, person_id=person)
        .exclude(ends_at__lte=now)
        .order_by()
        .values_list("pk", flat=True)[:1]
    ),
    {"case": BigIntegerField(), "person": BigIntegerField(), "now": DateTimeField()},
)
