"""Reads of who acts for a business in the portal, and of staff who are tied to one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from apps.access.services import authorize, can
from apps.accounts.models import Invitation
from apps.borrowers.models import Borrower, BorrowerAccess, Interest, Party, StaffInterest
from apps.borrowers.services.portal import INVITED
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission

MOST_TIES = 200


@dataclass(frozen=True, slots=True)
class AccessLine:
    """An account that acts for a business: ``state`` is ``open`` (in use), ``sent`` (link open) or ``old`` (link too old)."""

    id: int
    name: str
    handle: str
    state: str
    since: dt.datetime
    until: dt.datetime | None
    is_claim: bool = False


@dataclass(frozen=True, slots=True)
class TieLine:
    """A declared tie as compliance sees it; ``may_end`` is false for one's own and for those one declared."""

    id: int
    borrower_id: int
    business: str
    handle: str
    kind: Any
    since: dt.datetime
    may_end: bool


def accesses_of(borrower: Borrower) -> list[AccessLine]:
    """Live accesses of a business, masked. Three queries."""
    links = Invitation.objects.filter(used_at=None, withdrawn_at=None).order_by("-id")
    rows = BorrowerAccess.objects.filter(borrower=borrower, ended_at=None).select_related("account__person", "party")
    rows = rows.prefetch_related(Prefetch("account__invitations", queryset=links, to_attr="open_links"))
    return [_access_line(row) for row in rows.order_by("id")]


def _access_line(row: BorrowerAccess) -> AccessLine:
    links: list[Invitation] = row.account.open_links  # type: ignore[attr-defined]
    until = links[0].expires_at if links else None
    state = "open" if row.account.password_at else "sent" if until is not None and until > clock.now() else "old"
    name = row.party.name if row.party is not None else row.account.person.name
    return AccessLine(
        row.pk, name.masked, row.account.handle, state, row.created_at, until if state == "sent" else None,
        row.is_open_claim,
    )  # fmt: skip


def claims_of(borrower: Borrower) -> list[BorrowerAccess]:
    """Accesses that applicants opened by themselves and nobody has confirmed."""
    held = rows(borrower, BorrowerAccess, "party", "account")
    return [each for each in held if each.self_made and each.confirmed_at is None and each.ended_at is None]


def access_get(borrower: Borrower, pk: int) -> BorrowerAccess:
    """A live access of the business; raises ``NotVisible``."""
    rows = BorrowerAccess.objects.select_related("borrower", "account__person", "party")
    found = rows.filter(pk=pk, borrower=borrower, ended_at=None).first()
    if found is None:
        raise NotVisible(subject=borrower)
    return found


def people_to_invite(borrower: Borrower) -> list[tuple[int, str]]:
    """People of the business who may be given access and have none: id, masked name and masked address."""
    parts = Interest.objects.filter(borrower=borrower, ended_on=None, kind__in=INVITED).values("party_id")
    taken = BorrowerAccess.objects.filter(borrower=borrower, ended_at=None).exclude(party=None).values("party_id")
    rows = Party.objects.filter(borrower=borrower, pk__in=parts).exclude(pk__in=taken).order_by("id")
    return [(row.pk, f"{row.name.masked} · {row.email.masked if row.email else '–'}") for row in rows]


def own_party(actor: Actor, borrower_id: int) -> Party | None:
    """The person of a business that a portal account is, or ``None``."""
    access = own_access(actor, borrower_id)
    return access.party if access is not None else None


def own_access(actor: Actor, borrower_id: int) -> BorrowerAccess | None:
    """The access by which a portal account acts for a business as a person of it, or ``None``."""
    if not actor.is_borrower:
        return None
    rows = BorrowerAccess.objects.select_related("party__key_owner").exclude(party=None)
    return rows.filter(account_id=actor.account_id or 0, borrower_id=borrower_id, ended_at=None).first()


def own_businesses(actor: Actor) -> QuerySet[Borrower]:
    """Businesses that a portal account acts for, by name."""
    rows = Borrower.objects.select_related("branch", "group", "key_owner")
    return rows.filter(pk__in=actor.borrower_ids if actor.is_borrower else ()).order_by("legal_name", "id")


def ties_of(actor: Actor, borrower: Borrower | None = None) -> list[TieLine]:
    """Ties in force, of one business or of all in the actor's sight, newest first."""
    authorize(actor, Permission.BORROWER_FREEZE)
    rows = _live_ties().filter(borrower=borrower) if borrower is not None else _live_ties()
    seen = [
        row for row in rows.order_by("-id")[:MOST_TIES] if can(actor, Permission.BORROWER_FREEZE, row.borrower).allowed
    ]
    return [_tie_line(row, actor) for row in seen]


def tie_get(actor: Actor, borrower: Borrower, pk: int) -> StaffInterest:
    """A tie in force of the business; raises ``NotVisible``."""
    authorize(actor, Permission.BORROWER_FREEZE, borrower)
    found = _live_ties().filter(pk=pk, borrower=borrower).first()
    if found is None:
        raise NotVisible(subject=borrower)
    return found


def _live_ties() -> QuerySet[StaffInterest]:
    live = StaffInterest.objects.filter(Q(ended_on=None) | Q(ended_on__gt=clock.today()))
    return live.select_related("borrower__group", "person").prefetch_related("person__accounts")


def _tie_line(row: StaffInterest, actor: Actor) -> TieLine:
    handles = " · ".join(account.handle for account in row.person.accounts.all() if account.is_staff_kind)
    may_end = actor.person_id not in (None, row.person_id, row.declared_by_id)
    return TieLine(
        row.pk,
        row.borrower_id,
        row.borrower.legal_name,
        handles or "–",
        row.get_kind_display(),
        row.created_at,
        may_end,
    )
