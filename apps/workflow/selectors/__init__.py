"""Reads of workflow, always through what the actor may see."""

from apps.workflow.dutybook import duties_near, person_did
from apps.workflow.selectors.actions import Action, actions_for
from apps.workflow.selectors.lists import CaseFilter, case_get, cases_counted, cases_visible_to

__all__ = [
    "Action",
    "CaseFilter",
    "actions_for",
    "case_get",
    "cases_counted",
    "cases_visible_to",
    "duties_near",
    "person_did",
]
