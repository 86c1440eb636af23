"""What a review of rights looks at: every role, share, block and delegation in force, with its last use and what is odd about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.delegations import live as delegations_live
from apps.access.duties import Duty, exclusive
from apps.access.models import Delegation, ReportingLine, RoleGrant
from apps.access.rights import able
from apps.access.roles import ROLE_TABLE, Role, incompatible
from apps.access.selectors import grants_live
from apps.accounts.models import AccountKind, SessionRecord
from apps.audit.selectors import last_moment
from apps.audit.tags import Tag
from apps.borrowers.models import StaffInterest
from apps.console.review_rows import LineKind, ReviewLine
from apps.core import clock
from apps.workflow.models import CaseBlock, CaseStep, LoanCaseUserObjectPermission
from apps.workflow.process import TABLE

IDLE = dt.timedelta(days=90)
CONFLICTS: dict[str, Any] = {
    "administers": _("administers, and approves or pays"), "duties": _("roles whose duties exclude each other on one case"),
    "ties": _("has declared interests in borrowers"), "unused": _("not used for ninety days"), "no_end": _("has no end"),
}  # fmt: skip
"""What is odd about a line, by its code."""


@dataclass(slots=True)
class Known:
    """What is looked up once for all lines: roles of each person, when events were last done by whom, ties, sessions, reviewers."""

    roles: dict[int, set[str]] = field(default_factory=dict)
    steps: dict[int, dict[str, dt.datetime]] = field(default_factory=dict)
    tied: set[int] = field(default_factory=set)
    seen: dict[int, dt.datetime] = field(default_factory=dict)
    reviewers: dict[int, int] = field(default_factory=dict)


def lines_gather() -> Iterator[ReviewLine]:
    """Yield a line, not saved and of no review yet, for all that is in force; a dozen queries, and two for each share."""
    grants = list(
        grants_live().filter(person__accounts__kind=AccountKind.STAFF).select_related("person__key_owner").distinct()
    )
    known = _known(grants)
    for grant in grants:
        yield _line(known, LineKind.ROLE, grant.person_id, _used_role(known, grant), _odd(known, grant), grant=grant)
    for row in delegations_live().select_related("deputy__key_owner"):
        yield _line(known, LineKind.DELEGATION, row.deputy_id, _taken_up(row), [], delegation=row)
    for share in shares_live().select_related("user__person__key_owner", "content_object"):
        yield _line(known, LineKind.SHARE, share.user.person_id, _looked(share), [], share=share)
    for block in CaseBlock.objects.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now())).select_related(
        "person__key_owner"
    ):
        yield _line(known, LineKind.BLOCK, block.person_id, None, [], block=block)


def shares_live() -> QuerySet[LoanCaseUserObjectPermission]:
    """Shares of cases in force."""
    return LoanCaseUserObjectPermission.objects.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now()))


def _line(
    known: Known, kind: LineKind, person_id: int, used: dt.datetime | None, odd: list[str], **about: Any
) -> ReviewLine:
    reviewer = known.reviewers.get(person_id)
    return ReviewLine(
        person_id=person_id, reviewer_id=reviewer, kind=kind, last_used_at=used, conflicts=odd, **about,
    )  # fmt: skip


def _known(grants: Iterable[RoleGrant]) -> Known:
    known = Known()
    for grant in grants:
        known.roles.setdefault(grant.person_id, set()).add(grant.role)
    steps = (
        CaseStep.objects.filter(person__in=known.roles).values_list("person", "event").annotate(at=Max("created_at"))
    )
    for person, event, at in steps.order_by():
        known.steps.setdefault(person, {})[event] = at
    ties = StaffInterest.objects.filter(ended_on=None, person__in=known.roles)
    known.tied = set(ties.values_list("person_id", flat=True))
    sessions = SessionRecord.objects.filter(account__person__in=known.roles).values_list("account__person")
    known.seen = dict(sessions.annotate(at=Max("created_at")).order_by())
    known.reviewers = reviewers()
    return known


def reviewers() -> dict[int, int]:
    """Who reviews whom: the line manager, where they can sign in. Managers, and people without one, are for administrators."""
    lines = dict(ReportingLine.objects.values_list("person_id", "manager_id"))
    leading, active = set(lines.values()), able(lines.values())
    return {person: manager for person, manager in lines.items() if person not in leading and manager in active}


def _used_role(known: Known, grant: RoleGrant) -> dt.datetime | None:
    """When a step of the process was last done that the role allows; a role that does no steps was used at a sign-in."""
    permissions = ROLE_TABLE[Role(grant.role)]
    events = {row.event.value for row in TABLE if row.permission in permissions}
    done = [at for event, at in known.steps.get(grant.person_id, {}).items() if event in events]
    return max(done, default=None) if events else known.seen.get(grant.person_id)


def _odd(known: Known, grant: RoleGrant) -> list[str]:
    held = known.roles.get(grant.person_id, set())
    others = [each for each in held if each != grant.role]
    used = _used_role(known, grant) or grant.starts
    found = {
        "administers": any(incompatible({grant.role, each}) for each in others),
        "duties": any(exclusive(one, other) for each in others for one in duties_of(grant.role) for other in duties_of(each)),
        "ties": grant.person_id in known.tied, "unused": used < clock.now() - IDLE, "no_end": grant.ends is None,
    }  # fmt: skip
    return [code for code in CONFLICTS if found[code]]


def duties_of(role: str) -> set[Duty]:
    """Duties that a role takes on by the steps of the process."""
    permissions = ROLE_TABLE[Role(role)]
    return {Duty(row.duty) for row in TABLE if row.duty is not None and row.permission in permissions}


def _taken_up(row: Delegation) -> dt.datetime | None:
    return last_moment(action=Tag.DELEGATION_TAKEN_UP, person=row.deputy_id, at__gte=row.starts)


def _looked(share: LoanCaseUserObjectPermission) -> dt.datetime | None:
    return last_moment(case=share.content_object.number, person=share.user.person_id)
