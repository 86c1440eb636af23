"""Reads of conditions. Their words from the list are open; further words may name people and are opened on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.access.services import authorize
from apps.approval.models import Condition
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase


def conditions_standing(case: LoanCase) -> list[Condition]:
    """Conditions that hold for a case, those before payout first."""
    standing = [row for row in rows(case, Condition) if row.removed_at is None]
    return sorted(standing, key=lambda row: (row.kind, row.pk))


def condition_get(actor: Actor, case: LoanCase, condition_id: int) -> Condition:
    """A condition that holds for a case; raises ``NotVisible`` for any other."""
    found = Condition.objects.filter(case=case, pk=condition_id, removed_at=None).first()
    if found is None:
        raise NotVisible(subject=case, action=Permission.APPROVAL_VIEW)
    return found


def conditions_offered(case: LoanCase) -> list[dict[str, Any]]:
    """Conditions as an offer keeps them."""
    names = ("code", "kind", "due_days", "text_en", "text_zh")
    return [{name: getattr(each, name) for name in names} for each in conditions_standing(case)]


def condition_details(case: LoanCase) -> Mapping[str, str]:
    """Further words of conditions by code, for letters and digests; to show them, ask ``conditions_open``."""
    return {each.code: str(each.detail.reveal()) for each in conditions_standing(case) if each.detail}


def conditions_open(actor: Actor, case: LoanCase) -> Mapping[str, str]:
    """Further words of conditions by code, to show; the look is recorded."""
    authorize(actor, Permission.APPROVAL_VIEW, case)
    details = condition_details(case)
    if details:
        record_read(
            Tag.CONDITIONS_OPENED,
            actor=actor,
            subject=case,
            case=case,
            purpose=Purpose(f"task:{case.state}"),
            fields=sorted(details),
        )
    return details
