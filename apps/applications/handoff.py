"""What opens when a case enters intake: its checklist, and the search for duplicates."""

from __future__ import annotations

from apps.applications.models import ChecklistItem
from apps.applications.services.checks import findings_write
from apps.borrowers.writing import pack_in_use
from apps.core.actor import Actor
from apps.workflow.models import LoanCase


def open_intake(case: LoanCase, actor: Actor) -> None:
    """Write the checklist once and list what the business shares with others. A case sent back keeps what it has."""
    known = set(ChecklistItem.objects.filter(case=case).values_list("code", flat=True))
    for document in pack_in_use().documents:
        if document.code not in known and (case.is_secured or not document.secured_only):
            ChecklistItem.objects.create(case=case, code=document.code, required=document.required)
    findings_write(case)
