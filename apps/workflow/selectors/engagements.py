"""Reads of audit engagements: which are in force for a person, what they name, and whom they let see a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from apps.access.ports import Engaged
from apps.access.roles import permissions_by
from apps.access.selectors import grants_live, subtrees
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.workflow.models import Engagement, EngagementAuditor, EngagementPlace, LoanCase
from apps.workflow.selectors.people import handles_of

MOST = 200


def engagements_live(person_id: int) -> QuerySet[Engagement]:
    """Engagements in force for a person now; the one place that says when an engagement counts."""
    mine = EngagementAuditor.objects.filter(person_id=person_id).values("engagement_id")
    return _in_force().filter(pk__in=mine).order_by("pk")


def _in_force() -> QuerySet[Engagement]:
    return Engagement.objects.filter(agreed_at__lte=clock.now(), ends_at__gt=clock.now())


def engaged(person_id: int) -> Engaged | None:
    """What a person's engagements in force name, together; ``None`` while none is in force. At most three queries."""
    live = list(engagements_live(person_id).prefetch_related(PLACES))
    if not live:
        return None
    named = [places_of(each) for each in live]
    return Engaged(
        frozenset(one for each in named for one in each.branches),
        frozenset(one for each in named for one in each.cases),
        frozenset(one for each in named for one in each.borrowers),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What one engagement names, by id; branches with all below them."""

    branches: frozenset[int]
    cases: frozenset[int]
    borrowers: frozenset[int]


PLACES = Prefetch(
    "places", queryset=EngagementPlace.objects.select_related("branch", "case", "borrower").order_by("pk")
)


def places_of(engagement: Engagement) -> Named:
    """What an engagement names."""
    rows = list(engagement.places.all())
    below = subtrees(row.branch.path for row in rows if row.branch is not None)
    return Named(
        frozenset(branch for ids in below.values() for branch in ids),
        frozenset(row.case_id for row in rows if row.case_id is not None),
        frozenset(row.borrower_id for row in rows if row.borrower_id is not None),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """An engagement as pages show it: who asked, who agreed, for whom, where."""

    row: Engagement
    asked_by: str
    agreed_by: str
    auditors: Sequence[str]
    places: Sequence[str]


def engagements_of(actor: Actor, *, own: bool = False) -> list[Shown]:
    """Engagements that the actor may know: their ``own`` as an auditor; all, for who holds the right by a role that is not bound."""
    rows = Engagement.objects.order_by("-pk")
    if own or not may_manage(actor):
        mine = EngagementAuditor.objects.filter(person_id=actor.person_id or 0).values("engagement_id")
        rows = rows.filter(pk__in=mine)
    return _shown(rows.select_related("asked_by__key_owner")[:MOST])


def engagement_get(actor: Actor, uuid: UUID) -> Shown:
    """One engagement for who manages them; raises ``NotVisible``."""
    found = (
        _shown(Engagement.objects.filter(uuid=uuid).select_related("asked_by__key_owner")) if may_manage(actor) else []
    )
    if not found:
        raise NotVisible(action=Permission.ENGAGEMENT_MANAGE)
    return found[0]


def may_manage(actor: Actor) -> bool:
    """Tell whether a role over all branches, bound to no engagement, carries the right to make and agree engagements."""
    from_roles = (held for held in actor.held if held.branch_ids is None and not held.engaged)
    return any(Permission.ENGAGEMENT_MANAGE in permissions_by(held) for held in from_roles)


def engagements_on(case: LoanCase) -> list[Shown]:
    """Engagements in force that let their auditors see a case, with those auditors alone whose role is bound to them."""
    codes = case.branch.path.strip("/").split("/")
    here = Q(branch__code__in=codes) | Q(case=case) | Q(borrower_id=case.borrower_id)
    rows = _in_force().filter(pk__in=EngagementPlace.objects.filter(here).values("engagement_id")).order_by("pk")
    return _shown(rows.select_related("asked_by__key_owner")[:MOST])


def bound_now(person_ids: Iterable[int]) -> set[int]:
    """Which of some persons hold a role bound to engagements."""
    rows = grants_live().filter(person_id__in=list(person_ids), by_engagement=True)
    return set(rows.values_list("person_id", flat=True))


def _shown(rows: QuerySet[Engagement]) -> list[Shown]:
    found = list(rows.prefetch_related(PLACES, "auditors"))
    people = {each.person_id for row in found for each in row.auditors.all()}
    handles = handles_of({*people, *(row.asked_by_id for row in found), *(row.agreed_by_id for row in found)})
    return [
        Shown(
            row, handles.get(row.asked_by_id, ""), handles.get(row.agreed_by_id or 0, ""),
            [handles.get(each.person_id, "") for each in row.auditors.all()], [place_words(each) for each in row.places.all()],
        )
        for row in found
    ]  # fmt: skip


def place_words(place: EngagementPlace) -> str:
    """Say what a place is: a branch by name, a case and a borrower by reference."""
    if place.branch is not None:
        return f"{place.branch.name} ({place.branch.code})"
    return place.case.number if place.case is not None else place.borrower.reference if place.borrower else ""
