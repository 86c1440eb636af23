"""What long standing does to a case: the borrower is warned, and a week later the case expires. Only the clock does it."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow import process, registry
from apps.workflow.models import LoanCase
from apps.workflow.patience import WARNING_DAYS, expires_at, idle_for, is_warned
from apps.workflow.services.advancing import advance
from apps.workflow.services.batches import each_alone
from apps.workflow.services.cases import case_lock
from apps.workflow.services.portal import language_of, portal_told
from apps.workflow.services.talk import message_post, notify

WARNING, WARNED = "warned_before", "expiring"


def cases_warn(actor: Actor) -> int:
    """Warn of every case that would expire within a week; one warning until something happens. Returns how many."""
    idle = _thawed().filter(idle_for(WARNING_DAYS))
    return each_alone(idle, lambda case: _to_warn(case, actor) and case_warn(actor=actor, case=case))


def cases_expire(actor: Actor) -> int:
    """Let every case expire that stood too long and was warned a week ago. Returns how many."""
    warned = _thawed().filter(idle_for(), warned_at__gte=F("changed_at"))
    return each_alone(warned, lambda case: _stands(case, actor, 0) and case_expire(actor=actor, case=case))


@act
def case_warn(*, actor: Actor, case: LoanCase) -> bool:
    """Warn the borrower and tell the holder, where the case would expire within a week; returns whether it was so."""
    locked = case_lock(case, actor=actor, version=None)
    authorize(actor, Permission.CASE_EXPIRE, locked)
    if not _to_warn(locked, actor):
        return False
    now = clock.now()
    locked.warned_at = now
    locked.save(update_fields=["warned_at"])  # a warning is no change: its reader's version stays good
    day = clock.day_of(max(expires_at(locked), now + dt.timedelta(days=WARNING_DAYS)))
    with translation.override(language_of(locked)):
        words = _(
            "Nothing has happened with your application %(case)s for a long time. It expires on %(day)s. If you still want the"
            " loan, send what is missing or write to us before that day."
        ) % {"case": locked.number, "day": date_format(day, "DATE_FORMAT")}
    message_post(actor=actor, case=locked, audience="borrower", body=words)
    notify([locked.holder_id], locked, WARNED)
    portal_told(locked)
    record(Tag.CASE_WARNED, actor=actor, subject=locked, case=locked, stage=locked.stage, note={"expires_on": day})
    return True


@act
def case_expire(*, actor: Actor, case: LoanCase) -> bool:
    """Let a case expire whose time is over; returns whether it was so."""
    locked = case_lock(case, actor=actor, version=None)
    if not _stands(locked, actor, 0):
        return False
    advance(locked, process.Event.EXPIRE, actor=actor, version=None)
    return True


def _thawed() -> QuerySet[LoanCase]:
    """Cases that nothing freezes: a freeze stops the clock's hand too."""
    frozen = Q(is_frozen=True) | Q(borrower__frozen=True) | Q(borrower__group__frozen=True)
    return LoanCase.objects.exclude(frozen)


def _to_warn(case: LoanCase, actor: Actor) -> bool:
    return not is_warned(case) and _stands(case, actor, WARNING_DAYS, but=WARNING)


def _stands(case: LoanCase, actor: Actor, short_of: int, but: str = "") -> bool:
    """Tell whether the case has stood too long, less so many days, and all but one guard of its expiry holds."""
    row = process.find(case.state, process.Event.EXPIRE)
    if row is None or clock.now() < expires_at(case) - dt.timedelta(days=short_of):
        return False
    return not any(registry.guards[name].check(case, actor, {}) for name in row.guards if name != but)
