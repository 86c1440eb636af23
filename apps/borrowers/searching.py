"""People behind businesses, found by their name, identity number or phone: by blind index, never by reading everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q

from apps.access.services import can
from apps.borrowers.models import Interest, Party
from apps.borrowers.selectors import legs
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.vault.blind import blind_index, confirm_matches

MOST = 20
BY_NAME, BY_NUMBER = ("name",), ("id_number", "phone")


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person behind a business as a list of results shows them: masked, with the part they play and the business."""

    name: str
    parts: tuple[Any, ...]
    borrower_id: int
    business: str
    branch_name: str


def people_found(actor: Actor, words: str, *, fields: Sequence[str]) -> list[PersonFound]:
    """People in the actor's sight whose name, or whose number, is exactly ``words``; at most twenty."""
    if not can(actor, Permission.BORROWER_VIEW).allowed:
        return []
    found = {party.pk: party for field in fields for party in _bearing(actor, words, field)}
    shown = [party for party in found.values() if can(actor, Permission.BORROWER_VIEW, party).allowed]
    return [_found(party) for party in shown[:MOST]]


def _bearing(actor: Actor, words: str, field: str) -> list[Party]:
    """Parties in scope that bear a value in one field: looked up by index in one query, confirmed by decrypting."""
    path = f"borrowers.Party.{field}"
    scope = Q()
    for leg in (scopes := legs(actor, "borrower__")):
        scope |= leg
    live = Interest.objects.filter(ended_on=None).order_by("id")
    rows = (
        Party.objects.filter(scope, **{f"{field}_index": blind_index(path, words)})
        .select_related("borrower__branch", "borrower__group")
        .prefetch_related(Prefetch("interests", queryset=live, to_attr="live_interests"))
        .order_by("-id")[:MOST]
    )
    return confirm_matches(path, words, rows) if scopes else []


def _found(party: Party) -> PersonFound:
    parts: Sequence[Interest] = party.live_interests  # type: ignore[attr-defined]
    return PersonFound(
        party.name.masked, tuple(dict.fromkeys(part.get_kind_display() for part in parts)), party.borrower_id,
        party.borrower.legal_name, party.borrower.branch.name,
    )  # fmt: skip
