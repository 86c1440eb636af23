"""Reads of rights: what somebody holds and who stands behind it, who leads whom, and which requests wait for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from apps.access.models import ReportingLine, RightRequest, RoleGrant
from apps.access.roles import permissions_by
from apps.access.selectors import grants_open
from apps.accounts.models import Account, AccountKind, Branch
from apps.core import clock, keyset
from apps.core.actor import Actor
from apps.core.keyset import Page
from apps.core.permissions import Permission
from apps.core.text import whole_number

DEEPEST = 12
"""Managers above one another; nobody's line is longer, and a longer one is no answer."""
SOON = dt.timedelta(days=14)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Held:
    """One role that somebody holds or waits for: who gave it and who agreed, by handle; ``ends_soon`` calls for asking anew."""

    grant: RoleGrant
    asked_by: str
    agreed_by: list[str]
    ends_soon: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One request on a page, with handles; ``answers`` and ``gives`` are about the reader."""

    row: RightRequest
    person: str
    asked_by: str
    agreed_by: str
    answering: str
    answers: bool
    takes_back: bool
    gives: bool


def managers_of(people: Iterable[int]) -> dict[int, list[int]]:
    """Persons above each of some, the nearest first; a query for each level of the house, however many they are."""
    above: dict[int, int] = {}
    level = set(people)
    chains: dict[int, list[int]] = {each: [] for each in level}
    for _step in range(DEEPEST):
        found = dict(ReportingLine.objects.filter(person_id__in=level).values_list("person_id", "manager_id"))
        above |= found
        level = set(found.values()) - above.keys()
        if not level:
            break
    for person, chain in chains.items():
        at = above.get(person)
        while at is not None and at not in chain:
            chain.append(at)
            at = above.get(at)
    return chains


def managers_above(person_id: int) -> list[int]:
    """Persons above somebody, the nearest first."""
    return managers_of([person_id])[person_id]


def manager_of(person_id: int) -> str:
    """Handle of somebody's line manager; empty where nobody is."""
    line = ReportingLine.objects.filter(person_id=person_id).first()
    return handles_of([line.manager_id]).get(line.manager_id, "") if line else ""


def answers(person_id: int, asked_by_id: int) -> int | None:
    """Who agrees to a request: the nearest above the person who can sign in and did not ask; ``None`` where there is nobody."""
    return answering([(person_id, asked_by_id)])[person_id, asked_by_id]


def answering(asked: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
    """The same for many, by person and who asked."""
    pairs = list(asked)
    chains = managers_of(person for person, _by in pairs)
    active = able({each for chain in chains.values() for each in chain})
    return {
        (person, by): next((each for each in chains[person] if each in active and each not in {person, by}), None)
        for person, by in pairs
    }


def able(people: Iterable[int]) -> set[int]:
    """Those of some people who can sign in."""
    able = Account.objects.filter(
        kind=AccountKind.STAFF, is_active=True, enrolled_at__isnull=False, person_id__in=list(people)
    )
    return set(able.values_list("person_id", flat=True))


def is_answering(actor: Actor, row: RightRequest) -> bool:
    """Tell whether a request waits for this very person's agreement."""
    waits = row.agreed_at is None and row.is_open
    return waits and actor.person_id is not None and answers(row.person_id, row.asked_by_id) == actor.person_id


def leads(actor: Actor, person_id: int, branch: Branch | None) -> bool:
    """Tell whether somebody leads a person: as a manager above them, or as a lead over the branch."""
    if actor.person_id in managers_above(person_id):
        return True
    leading = [held for held in actor.held if Permission.ROLE_ENDORSE in permissions_by(held)]
    return any(held.covers(branch.pk if branch else None) for held in leading)


def requests_open() -> QuerySet[RightRequest]:
    """Requests that somebody has still to answer."""
    return RightRequest.objects.filter(grant=None, ended_at=None, until__gt=clock.now())


def lasting(person_id: int, role: str, branch: Branch | None) -> bool:
    """Tell whether a role is held at a place, or waits there, and does not end soon enough to be asked for anew."""
    held = grants_open(person_id).filter(role=role, branch=branch)
    return held.filter(Q(ends=None) | Q(ends__gt=clock.now() + 4 * SOON)).exists()


def held_there(row: RightRequest) -> RoleGrant | None:
    """The role of a request as its person holds it there already, the one that ends last; ``None`` where it is not held."""
    held = grants_open(row.person_id).filter(role=row.role, branch=row.branch)
    return held.filter(ends=None).first() or held.order_by("-ends").first()


def rights_of(*people: int) -> dict[int, list[Held]]:
    """Roles that some people hold or wait for, by person; three queries, however many they are."""
    still = RoleGrant.objects.filter(Q(ends=None) | Q(ends__gt=clock.now()), person_id__in=people)
    grants = list(still.select_related("branch", "request").prefetch_related("consents").order_by("role", "pk"))
    handles = handles_of({each for grant in grants for each in _behind(grant)})
    found: dict[int, list[Held]] = {each: [] for each in people}
    for grant in grants:
        found[grant.person_id].append(_held(grant, handles))
    return found


def _held(grant: RoleGrant, handles: dict[int, str]) -> Held:
    now = clock.now()
    agreed = [handles.get(each, "") for each in _behind(grant) if each != grant.granted_by_id]
    soon = grant.ends is not None and grant.ends <= now + SOON
    return Held(
        grant, handles.get(grant.granted_by_id or 0, ""), agreed, soon, not grant.is_waiting and grant.starts <= now
    )


def _behind(grant: RoleGrant) -> list[int]:
    request = getattr(grant, "request", None)
    named = [
        grant.granted_by_id,
        request.agreed_by_id if request else None,
        *(each.person_id for each in grant.consents.all()),
    ]
    return list(dict.fromkeys(each for each in named if each is not None))


def requests_of(actor: Actor) -> list[Asked]:
    """Requests that somebody asked or is meant by, the newest first."""
    mine = Q(person_id=actor.person_id) | Q(asked_by_id=actor.person_id)
    return _lines(RightRequest.objects.filter(mine).order_by("-pk")[:PAGE], actor)


def requests_to_answer(actor: Actor) -> list[Asked]:
    """Requests that wait for this very person as a line manager."""
    return [line for line in _lines(_from_below(actor), actor) if line.answers]


def _from_below(actor: Actor) -> QuerySet[RightRequest]:
    below: set[int] = {actor.person_id or 0}
    reached: set[int] = set()
    for _step in range(DEEPEST):
        reports = ReportingLine.objects.filter(manager_id__in=below).exclude(person_id__in=reached)
        below = set(reports.values_list("person_id", flat=True))
        if not below:
            break
        reached |= below
    return requests_open().filter(agreed_at=None, person_id__in=reached).order_by("pk")[:PAGE]


def team_of(actor: Actor) -> dict[str, list[Held]]:
    """What the people who report to somebody hold, by handle."""
    people = list(ReportingLine.objects.filter(manager_id=actor.person_id).values_list("person_id", flat=True)[:PAGE])
    held, handles = rights_of(*people), handles_of(people)
    return {handle: held[person] for person, handle in sorted(handles.items(), key=lambda each: each[1])}


def requests_page(actor: Actor, *, waiting: bool, cursor: str = "") -> Page[Asked]:
    """Requests of the whole house, fifty a page: those that wait for an administrator, the oldest first, or all, the newest first."""
    key = keyset.decode(cursor)
    rows = (
        requests_open().filter(agreed_at__isnull=False).order_by("pk")
        if waiting
        else RightRequest.objects.order_by("-pk")
    )
    at = whole_number(str(key[0])) if key else None
    if at is not None:
        rows = rows.filter(pk__gt=at) if waiting else rows.filter(pk__lt=at)
    found = list(rows.select_related("person__key_owner", "branch")[: PAGE + 1])
    shown = found[:PAGE]
    following = keyset.encode([shown[-1].pk]) if len(found) > PAGE else ""
    return Page(_lines(shown, actor), following, at is None)


def to_give(actor: Actor) -> QuerySet[RightRequest]:
    """Requests that wait for an administrator other than those who had a hand in them."""
    own = Q(person_id=actor.person_id) | Q(asked_by_id=actor.person_id) | Q(agreed_by_id=actor.person_id)
    return requests_open().filter(agreed_at__isnull=False).exclude(own)


def handles_of(people: Iterable[int]) -> dict[int, str]:
    """Handles of members of staff by person."""
    rows = Account.objects.filter(person_id__in=list(people), kind=AccountKind.STAFF)
    return dict(rows.values_list("person_id", "handle"))


def _lines(rows: Iterable[RightRequest], actor: Actor) -> list[Asked]:
    found = list(rows.select_related("person__key_owner", "branch") if isinstance(rows, QuerySet) else rows)
    waiting = [row for row in found if row.is_open and row.agreed_at is None]
    who = answering((row.person_id, row.asked_by_id) for row in waiting)
    named = {each for row in found for each in (row.person_id, row.asked_by_id, row.agreed_by_id) if each}
    handles = handles_of(named | {each for each in who.values() if each})
    return [
        _line(row, handles, who.get((row.person_id, row.asked_by_id)) if row in waiting else None, actor)
        for row in found
    ]


def _line(row: RightRequest, handles: dict[int, str], waits_for: int | None, actor: Actor) -> Asked:
    me: Any = actor.person_id
    hands = {row.person_id, row.asked_by_id, row.agreed_by_id}
    return Asked(
        row, handles.get(row.person_id, ""), handles.get(row.asked_by_id, ""), handles.get(row.agreed_by_id or 0, ""),
        handles.get(waits_for or 0, ""), waits_for is not None and waits_for == me,
        row.is_open and me in {row.person_id, row.asked_by_id}, row.is_open and row.agreed_at is not None and me not in hands,
    )  # fmt: skip
