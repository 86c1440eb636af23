"""Conditions to be met after payout: their days are kept for lists, and what is overdue is brought to notice once."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.approval.models import Condition, ConditionKind
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement.models import ConditionFollowUp, ConditionWaiver
from apps.disbursement.selectors.choosing import keepers_of
from apps.disbursement.selectors.conditions import ConditionStanding, conditions_standing
from apps.workflow.models import DutyDone, LoanCase
from apps.workflow.services.cases import case_lock
from apps.workflow.services.talk import notify
from apps.workflow.states import State

NOTICE = "condition_overdue"
FOLLOWED = (State.PAYOUT, State.ACTIVE)


def conditions_follow(case: LoanCase, actor: Actor) -> None:
    """Bring the rows of a case's conditions after payout up to date, each recorded. Needs an open act and the case's lock."""
    known = {row.condition: row for row in ConditionFollowUp.objects.filter(case=case)}
    for each in conditions_standing(case):
        if not each.follows or each.due_on is None:
            continue
        row = _written(case, known.get(each.condition.uuid), each, each.due_on)
        if row is not None:
            record(Tag.CONDITION_FOLLOWED, actor=actor, subject=row, case=case, stage=case.stage)


def _written(
    case: LoanCase, row: ConditionFollowUp | None, standing: ConditionStanding, due_on: dt.date
) -> ConditionFollowUp | None:
    """Write what has changed and return it; ``None`` where nothing has. A later day is reminded of anew."""
    done_at = clock.now() if standing.is_done else None
    if row is None:
        return ConditionFollowUp.objects.create(
            case=case, condition=standing.condition.uuid, due_on=due_on, done_at=done_at
        )
    if row.due_on == due_on and (row.done_at is not None) == standing.is_done:
        return None
    if due_on != row.due_on:
        row.reminded_at = None
    row.due_on, row.done_at = due_on, done_at
    row.save(update_fields=["due_on", "done_at", "reminded_at"])
    return row


def conditions_remind(actor: Actor) -> int:
    """Bring every overdue condition to notice, once each; returns how many. For a daily round: a second run finds nothing."""
    if not actor.is_system:
        raise Refused("permission", _("Only the clock reminds of conditions."), action="disbursement.conditions_remind")
    for case in _unfollowed():
        _follow(actor=actor, case=case)
    overdue = ConditionFollowUp.objects.filter(due_on__lt=clock.today(), done_at=None, reminded_at=None)
    rows = overdue.filter(case__state__in=FOLLOWED).select_related("case").order_by("due_on", "id")
    return sum(_remind(actor=actor, row=row) for row in rows)


def _unfollowed() -> list[LoanCase]:
    """Cases with a condition after payout that has no row yet, because it was set or deferred before there were any."""
    deferred = ConditionWaiver.objects.exclude(deferred_to=None).values("condition")
    later = Q(kind=ConditionKind.SUBSEQUENT, case__state=State.ACTIVE) | Q(uuid__in=deferred, case__state__in=FOLLOWED)
    rows = Condition.objects.filter(later, removed_at=None).exclude(
        uuid__in=ConditionFollowUp.objects.values("condition")
    )
    return list(LoanCase.objects.filter(pk__in=rows.values("case")).order_by("id"))


@act
def _follow(*, actor: Actor, case: LoanCase) -> None:
    conditions_follow(case_lock(case, actor=actor, version=None), actor)


@act
def _remind(*, actor: Actor, row: ConditionFollowUp) -> bool:
    case = case_lock(row.case, actor=actor, version=None)
    current = ConditionFollowUp.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if current.done_at is not None or current.reminded_at is not None:
        return False
    current.reminded_at = clock.now()
    current.save(update_fields=["reminded_at"])
    prepared = DutyDone.objects.filter(case=case, duty=Duty.PREPARES).values_list("person_id", flat=True)
    notify([case.holder_id, *prepared, *keepers_of(case)], case, NOTICE)
    record(Tag.CONDITION_REMINDED, actor=actor, subject=current, case=case, stage=case.stage)
    return True
