"""Conditions are set and removed while the case is in approval; the memo is then frozen anew and signatures are void."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.approval.models import Condition, ConditionTemplate
from apps.approval.selectors.memos import memo_live
from apps.approval.services.freezing import memo_renew
from apps.approval.services.proposing import condition_of
from apps.approval.services.texts import text_taken
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible
from apps.workflow import process
from apps.workflow.checks import check_actor, check_freeze
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import case_lock
from apps.workflow.states import State

DETAIL_LENGTH = 1000


@act
def condition_add(*, actor: Actor, case: LoanCase, version: int, code: str, detail: str = "") -> Condition:
    """Set a condition from the list; approvers do, and what was signed before is void."""
    locked = _enter(case, actor, version)
    template = ConditionTemplate.objects.filter(code=code, is_active=True).first()
    if template is None:
        raise BadInput({"code": [_("Choose a condition from the list.")]})
    if Condition.objects.filter(case=locked, code=code, removed_at=None).exists():
        raise BadInput({"code": [_("This condition is set already.")]})
    words = text_taken("detail", detail, most=DETAIL_LENGTH)
    condition = condition_of(locked, template, detail=words, person_id=actor.person_id)
    condition.save()
    record(Tag.CONDITION_SET, actor=actor, subject=condition, case=locked, stage=locked.stage, note={"code": code})
    _renew(locked, actor)
    return condition


@act
def condition_remove(*, actor: Actor, case: LoanCase, version: int, condition_id: int) -> Condition:
    """Remove a condition; approvers do, and what was signed before is void."""
    locked = _enter(case, actor, version)
    condition = Condition.objects.filter(case=locked, pk=condition_id, removed_at=None).first()
    if condition is None:
        raise NotVisible(subject=locked, action=Tag.CONDITION_REMOVED)
    condition.removed_at = clock.now()
    condition.save(update_fields=["removed_at"])
    record(
        Tag.CONDITION_REMOVED,
        actor=actor,
        subject=condition,
        case=locked,
        stage=locked.stage,
        note={"code": condition.code},
    )
    _renew(locked, actor)
    return condition


def _enter(case: LoanCase, actor: Actor, version: int) -> LoanCase:
    """Lock the case for somebody who may sign it: setting conditions is part of deciding."""
    locked = case_lock(case, actor=actor, version=version)
    row = process.find(State.APPROVAL, Event.SIGN)
    if row is None or locked.state != State.APPROVAL:
        raise IllegalTransition(str(State(locked.state).label), str(_("set conditions")), subject=locked)
    check_actor(locked, row, actor)
    check_freeze(locked, row)
    return locked


def _renew(case: LoanCase, actor: Actor) -> None:
    live = memo_live(case)
    if live is not None:
        memo_renew(case, live, actor)
