"""Writes of workflow: opening, advancing and touching a case, and talking about it."""

from apps.workflow.services.advancing import advance, check_event
from apps.workflow.services.cases import FacilityAsk, case_lock, case_open, case_touch, case_unmoved
from apps.workflow.services.expiring import cases_expire, cases_warn
from apps.workflow.services.reminding import reminders_send
from apps.workflow.services.talk import message_post, notify

__all__ = [
    "FacilityAsk",
    "advance",
    "case_lock",
    "case_open",
    "case_touch",
    "case_unmoved",
    "cases_expire",
    "cases_warn",
    "check_event",
    "message_post",
    "notify",
    "reminders_send",
]
