"""Who can see a case and why: by role and branch, by share, by engagement, in the portal; and who is kept off it, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.roles import roles_with
from apps.access.selectors import grants_live
from apps.access.services import can
from apps.accounts.models import Account, AccountKind
from apps.borrowers.models import BorrowerAccess, StaffInterest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.workflow.dutybook import ties_on
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.engagements import bound_now, engagements_on, may_manage
from apps.workflow.selectors.people import handles_of

MOST = 200
VIEW = Permission.CASE_VIEW


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody sees a case, or is kept off it: in words, until when, and what may be taken back (its row)."""

    words: str
    until: dt.datetime | dt.date | None = None
    row: int | None = None


@dataclass(slots=True)
class Person:
    """A person and every reason."""

    handle: str
    reasons: list[Reason] = field(default_factory=list)
    holds: bool = False


@dataclass(frozen=True, slots=True)
class WhoSees:
    """Everybody who sees a case now, by the kind of reason, and who is kept off it; ``more`` where a list was cut."""

    by_role: Sequence[Person]
    shared: Sequence[Person]
    engaged: Sequence[Person]
    portal: Sequence[str]
    kept_off: Sequence[Person]
    more: bool


def case_for_sight(actor: Actor, number: str) -> LoanCase:
    """The case of a number, for who may know who sees it, whether they see it themselves or not; raises ``NotVisible``."""
    rows = LoanCase.objects.select_related("borrower__group", "branch", "holder")
    case = rows.filter(number=number).first()
    if case is None or not can(actor, Permission.SIGHT_VIEW, case).allowed:
        raise NotVisible(subject=case, action=Permission.SIGHT_VIEW)
    return case


def who_sees(case: LoanCase) -> WhoSees:
    """People by why they see the case. A dozen queries, however many there are."""
    kept, working = _kept_off(case), _working()
    by_role = _by_role(case, working.exclude(person_id__in=kept), case.holder_id)
    shared = _by_share(case, working.exclude(person_id__in=kept))
    engaged = _by_engagement(case, working.exclude(person_id__in=kept))
    acting = BorrowerAccess.objects.filter(borrower=case.borrower, ended_at=None, account__is_active=True)
    portal = list(acting.order_by("id").values_list("account__handle", flat=True)[:MOST])
    more = any(len(part) >= MOST for part in (by_role, shared, portal))
    return WhoSees(by_role, shared, engaged, portal, list(kept.values()), more)


def sight_of(actor: Actor, case: LoanCase) -> WhoSees:
    """Who sees the case, for a reader: what an audit is for, and who audits, is told to who makes engagements, and to oneself.

    Others learn that there is one and until when: whoever is audited need not know what is looked for.
    """
    shown = who_sees(case)
    if may_manage(actor):
        return shown
    own = [each for each in shown.engaged if each.handle == actor.name]
    ends = {reason.until for each in shown.engaged if each not in own for reason in each.reasons}
    untold = [Person(str(_("Audit engagement")), [Reason(str(_("for an audit")), until)]) for until in sorted(ends)]  # type: ignore[type-var]
    return replace(shown, engaged=[*own, *untold])


def live_shares(case: LoanCase) -> QuerySet[LoanCaseUserObjectPermission]:
    """Shares of the case that hold now."""
    return LoanCaseUserObjectPermission.objects.filter(_live(), content_object=case).order_by("id")


def live_blocks(case: LoanCase) -> QuerySet[CaseBlock]:
    """Blocks on the case that hold now."""
    return CaseBlock.objects.filter(_live(), case=case).order_by("id")


def _live() -> Q:
    return Q(ends_at=None) | Q(ends_at__gt=clock.now())


def _working() -> QuerySet[Account]:
    return Account.objects.filter(kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False)


def _by_role(case: LoanCase, working: QuerySet[Account], holder: int | None) -> list[Person]:
    here = Q(branch=None) | Q(branch__code__in=case.branch.path.strip("/").split("/"))
    grants = grants_live().filter(here, role__in=roles_with(VIEW), by_engagement=False)
    accounts = working.filter(person_id__in=grants.values("person_id")).order_by("handle")[:MOST]
    people = {each.person_id: Person(each.handle, holds=each.person_id == holder) for each in accounts}
    for grant in grants.filter(person_id__in=people).select_related("branch").order_by("pk"):
        people[grant.person_id].reasons.append(Reason(f"{grant.role_label} · {grant.where_words}", grant.ends))
    return sorted(people.values(), key=lambda each: not each.holds)


def _by_share(case: LoanCase, working: QuerySet[Account]) -> list[Person]:
    """Shares that show something: to a person in service with a role that sees cases and is bound to no engagement."""
    viewing = grants_live().filter(role__in=roles_with(VIEW), by_engagement=False)
    able = working.filter(person_id__in=viewing.values("person_id")).values("pk")
    rows = live_shares(case).filter(user__in=able).select_related("user")[:MOST]
    return [
        Person(row.user.handle, [Reason(row.reason.words if row.reason else "", row.ends_at, row.pk)]) for row in rows
    ]


def _by_engagement(case: LoanCase, working: QuerySet[Account]) -> list[Person]:
    people: dict[str, Person] = {}
    shown = engagements_on(case)
    named = {handle for each in shown for handle in each.auditors}
    accounts = {each.handle: each.person_id for each in (working.filter(handle__in=named) if named else ())}
    bound = bound_now(accounts.values()) if accounts else set()
    for each in shown:
        for handle in each.auditors:
            if accounts.get(handle) in bound:
                person = people.setdefault(handle, Person(handle))
                person.reasons.append(Reason(each.row.purpose.words, each.row.ends_at))
    return list(people.values())


def _kept_off(case: LoanCase) -> dict[int, Person]:
    """Persons whom blocks and ties keep off, by id."""
    blocks, ties = list(live_blocks(case)[:MOST]), list(ties_on(case).order_by("pk")[:MOST])
    handles = handles_of([*(each.person_id for each in blocks), *(each.person_id for each in ties)])
    found: dict[int, Person] = {}
    for person_id, reason in [*_of_blocks(blocks), *_of_ties(ties, case)]:
        found.setdefault(person_id, Person(handles.get(person_id, "–"))).reasons.append(reason)
    return found


def _of_blocks(blocks: Iterable[CaseBlock]) -> list[tuple[int, Reason]]:
    return [(each.person_id, Reason(each.reason.words, each.ends_at, each.pk)) for each in blocks]


def _of_ties(ties: Iterable[StaffInterest], case: LoanCase) -> list[tuple[int, Reason]]:
    found: list[tuple[int, Reason]] = []
    for tie in ties:
        near: Any = (
            _("tie to the borrower") if tie.borrower_id == case.borrower_id else _("tie to the borrower's group")
        )
        found.append(
            (
                tie.person_id,
                Reason(_("%(near)s: %(kind)s") % {"near": near, "kind": tie.get_kind_display()}, tie.ended_on),
            )
        )
    return found
