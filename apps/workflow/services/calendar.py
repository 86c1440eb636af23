"""The institution's working calendar, and deadlines computed on it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays

from apps.accounts.models import Institution
from apps.core import clock
from apps.core.packs import pack_for
from apps.workflow import rules
from apps.workflow.models import LoanCase
from apps.workflow.models.case import NO_DEADLINE
from apps.workflow.states import State


@lru_cache(maxsize=8)
def _holidays(country: str) -> holidays.HolidayBase | dict[dt.date, str]:
    return holidays.country_holidays(country) if country else {}


def _calendar() -> tuple[str, rules.IsHoliday]:
    institution = Institution.objects.first()
    pack = pack_for(institution.pack if institution else "generic")
    days = _holidays(pack.country)
    return (institution.time_zone if institution else pack.time_zone), lambda day: day in days


def deadline(case: LoanCase) -> dt.datetime:
    """When the case's state is due, from now, by product and lane."""
    seconds = rules.service_seconds(case.state, case.product.service_hours, urgent=case.is_urgent)
    if seconds is None:
        return NO_DEADLINE
    zone, is_holiday = _calendar()
    return rules.add_working_seconds(clock.now(), seconds, zone, is_holiday)


def change_lane(case: LoanCase) -> None:
    """Move a case's deadline by what its new lane takes away or gives back; what is past due stays due when it was."""
    state = case.came_from if case.state == State.WAITING else case.state
    full = rules.service_seconds(state, case.product.service_hours)
    if full is None:
        return
    if case.paused_seconds is not None:
        case.paused_seconds = max(rules.moved_lane(case.paused_seconds, full, urgent=case.is_urgent), 0)
    elif case.due_at < NO_DEADLINE:
        zone, is_holiday = _calendar()
        now = clock.now()
        left = rules.working_seconds_between(now, case.due_at, zone, is_holiday)
        left -= rules.working_seconds_between(case.due_at, now, zone, is_holiday)
        moved = rules.moved_lane(left, full, urgent=case.is_urgent)
        if max(left, moved) > 0:
            case.due_at = rules.add_working_seconds(now, moved, zone, is_holiday) if moved > 0 else now


def pause(case: LoanCase) -> None:
    """Stop the service clock: keep the working seconds that are left."""
    zone, is_holiday = _calendar()
    running = case.due_at < NO_DEADLINE
    case.paused_seconds = rules.working_seconds_between(clock.now(), case.due_at, zone, is_holiday) if running else None
    case.due_at = NO_DEADLINE


def resume(case: LoanCase) -> None:
    """Let the service clock run on with what was left."""
    if case.paused_seconds is None:
        case.due_at = deadline(case)
        return
    zone, is_holiday = _calendar()
    case.due_at = rules.add_working_seconds(clock.now(), case.paused_seconds, zone, is_holiday)
    case.paused_seconds = None


def restart(case: LoanCase, came_from: str) -> None:
    """Set the clock for the state just entered."""
    if case.state == State.WAITING:
        pause(case)
    elif came_from == State.WAITING:
        resume(case)
    else:
        case.due_at, case.paused_seconds = deadline(case), None
