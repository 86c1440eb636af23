"""Who can see a case: people of the branch by their roles, people it was shared with, people kept off it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from apps.access.selectors import accounts_who_can
from apps.core import clock
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.people import handles_of

MOST = 200


def who_sees(case: LoanCase) -> dict[str, Any]:
    """Handles by why they see the case: role at the branch, share; and those who are blocked."""
    blocks = list(live_blocks(case)[:MOST])
    blocked = {block.person_id for block in blocks}
    people = accounts_who_can(Permission.CASE_VIEW, case.branch_id).exclude(person_id__in=blocked)
    handles = handles_of(blocked)
    return {
        "by_role": list(people.values_list("handle", flat=True)[:MOST]),
        "shared": list(live_shares(case).select_related("user")[:MOST]),
        "blocked": [(handles.get(block.person_id, "–"), block) for block in blocks],
    }


def live_shares(case: LoanCase) -> QuerySet[LoanCaseUserObjectPermission]:
    """Shares of the case that hold now."""
    return LoanCaseUserObjectPermission.objects.filter(_live(), content_object=case).order_by("id")


def live_blocks(case: LoanCase) -> QuerySet[CaseBlock]:
    """Blocks on the case that hold now."""
    return CaseBlock.objects.filter(_live(), case=case).order_by("id")


def _live() -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=clock.now())
