"""Who can see a case: people of the branch by their roles, people it was shared with, people kept off it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.access.selectors import accounts_who_can
from apps.core import clock
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.people import handles_of

MOST = 200


def who_sees(case: LoanCase) -> dict[str, Any]:
    """Handles by why they see the case: role at the branch, share; and those who are blocked."""
    live = Q(ends_at=None) | Q(ends_at__gt=clock.now())
    shares = LoanCaseUserObjectPermission.objects.filter(live, content_object=case).select_related("user")
    blocks = list(CaseBlock.objects.filter(live, case=case)[:MOST])
    blocked = {block.person_id for block in blocks}
    people = accounts_who_can(Permission.CASE_VIEW, case.branch_id).exclude(person_id__in=blocked)
    handles = handles_of(blocked)
    return {
        "by_role": list(people.values_list("handle", flat=True)[:MOST]),
        "shared": [(share.user.handle, share.ends_at, share.reason) for share in shares[:MOST]],
        "blocked": [(handles.get(block.person_id, "–"), block.reason) for block in blocks],
    }
