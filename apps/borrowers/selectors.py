"""Reads of borrowers: masked, and only of what the actor may see."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from apps.access.roles import permissions_by
from apps.access.services import authorize, can
from apps.borrowers.models import BankAccount, Borrower, BorrowerGroup, Interest, Party
from apps.borrowers.rules import compact
from apps.borrowers.shown import AccountShown, BorrowerRow, BorrowerShown, Masked, PartShown, PersonShown
from apps.borrowers.writing import pack_in_use
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.keyset import Page, decode, encode
from apps.core.packs import Pack
from apps.core.permissions import Permission
from apps.core.text import fold, whole_number
from apps.vault.blind import find

__all__ = [
    "borrower_find",
    "borrower_get",
    "borrower_rows",
    "borrower_shown",
    "borrowers_found",
    "groups_found",
    "may_freeze_group",
    "pack_in_use",
]


def borrower_get(actor: Actor, pk: int, permission: Permission = Permission.BORROWER_VIEW) -> Borrower:
    """The borrower, if the actor may see it; raises ``NotVisible`` else, ``Refused`` for a lacking role."""
    borrower = Borrower.objects.select_related("key_owner", "branch", "group").filter(pk=pk).first()
    if borrower is None or not can(actor, Permission.BORROWER_VIEW, borrower).allowed:
        raise NotVisible(subject=borrower, action=permission)
    if permission is not Permission.BORROWER_VIEW:
        authorize(actor, permission, borrower)
    return borrower


def borrower_shown(borrower: Borrower) -> BorrowerShown:
    """Everything of a borrower as pages may show it. The caller has authorised. Three queries."""
    pack = pack_in_use()
    return BorrowerShown(
        id=borrower.pk, reference=borrower.reference, legal_name=borrower.legal_name,
        identifier_kind=_label(pack.business_identifiers, borrower.identifier_kind),
        identifier=_masked(borrower, "business", "identifier"), industry=borrower.industry,
        founded_on=borrower.founded_on, employees=borrower.employees, region=borrower.region,
        address=_masked(borrower, "business", "address"), phone=_masked(borrower, "business", "phone"),
        email=_masked(borrower, "business", "email"), branch_name=borrower.branch.name,
        group_id=borrower.group_id, group_name=borrower.group.name if borrower.group else "", is_frozen=borrower.is_frozen,
        frozen=borrower.frozen, frozen_by_id=borrower.frozen_by_id,
        group_frozen=borrower.group is not None and borrower.group.frozen,
        group_frozen_by_id=borrower.group.frozen_by_id if borrower.group else None,
        people=tuple(_person(party, parts, pack) for party, parts in people_of(borrower)),
        accounts=tuple(_account(account) for account in rows(borrower, BankAccount)),
    )  # fmt: skip


def people_of(borrower: Borrower) -> list[tuple[Party, list[Interest]]]:
    """The people behind a business, each with the parts played now."""
    parts: dict[int, list[Interest]] = {}
    for each in rows(borrower, Interest):
        if each.ended_on is None:
            parts.setdefault(each.party_id, []).append(each)
    return [(party, parts.get(party.pk, [])) for party in rows(borrower, Party)]


def borrowers_found(actor: Actor, words: str = "", cursor: str = "", limit: int = 30) -> Page[BorrowerRow]:
    """Borrowers the actor may see whose name begins with ``words``, newest first; one page by keyset."""
    after = decode(cursor)
    below = whole_number(str(after[-1])) if after is not None else None
    rows = Borrower.objects.select_related("branch", "group").order_by("-id")
    if words.strip():
        rows = rows.filter(name_folded__startswith=fold(words)[:200])
    if below is not None:
        rows = rows.filter(id__lt=below)
    rows = rows.exclude(pk__in=actor.tied_borrower_ids) if actor.tied_borrower_ids else rows
    tops = [rows.filter(leg)[: limit + 1] for leg in legs(actor)]
    merged = list(heapq.merge(*tops, key=lambda row: -row.pk))[: limit + 1]
    more = encode([merged[limit - 1].pk]) if len(merged) > limit else ""
    return Page([_row(row) for row in merged[:limit]], more, not cursor)


def borrower_find(actor: Actor, identifier: str) -> list[Borrower]:
    """Borrowers in the actor's sight that bear an identifier: looked up by blind index, confirmed by decrypting."""
    if not compact(identifier):
        return []
    rows = Borrower.objects.select_related("branch", "group")
    return [row for row in find("borrowers.Borrower.identifier", identifier, rows)
            if can(actor, Permission.BORROWER_VIEW, row).allowed]  # fmt: skip


def borrower_rows(found: Iterable[Borrower]) -> list[BorrowerRow]:
    """Borrowers as lines of a list."""
    return [_row(borrower) for borrower in found]


def groups_found(actor: Actor) -> QuerySet[BorrowerGroup]:
    """Groups with a member in the actor's sight, by name."""
    scope = Q()
    scopes = legs(actor)
    for leg in scopes:
        scope |= leg
    members = Borrower.objects.filter(scope).exclude(group=None) if scopes else Borrower.objects.none()
    return BorrowerGroup.objects.filter(pk__in=members.values("group_id")).order_by("name")


def may_freeze_group(actor: Actor, borrower: Borrower) -> bool:
    """Tell whether the actor may freeze every business of the borrower's group; without a group there is nothing to freeze."""
    if borrower.group is None or not can(actor, Permission.BORROWER_FREEZE).allowed:
        return False
    return all(can(actor, Permission.BORROWER_FREEZE, member).allowed for member in borrower.group.members.all())


def legs(actor: Actor, prefix: str = "", permission: Permission = Permission.BORROWER_VIEW) -> list[Q]:
    """Scopes whose union is what the actor may do that with; ``prefix`` leads from the rows listed to their borrower."""
    if actor.is_system:
        return [Q()]
    if actor.is_borrower:
        return [Q(**{f"{prefix}pk__in": actor.borrower_ids})] if actor.borrower_ids else []
    viewing = [held for held in actor.held if permission in permissions_by(held)]
    if any(held.branch_ids is None for held in viewing):
        return [Q()]
    branches = sorted({one for held in viewing for one in held.branch_ids or ()})
    found = [Q(**{f"{prefix}branch_id": branch}) for branch in branches]
    named = sorted({one for held in viewing for one in held.borrower_ids})
    return [*found, Q(**{f"{prefix}pk__in": named}) & ~Q(**{f"{prefix}branch_id__in": branches})] if named else found


def _row(borrower: Borrower) -> BorrowerRow:
    return BorrowerRow(
        borrower.pk, borrower.legal_name, str(borrower.identifier), borrower.region, borrower.branch.name,
        borrower.is_frozen,
    )  # fmt: skip


def _person(party: Party, interests: Iterable[Interest], pack: Pack) -> PersonShown:
    return PersonShown(
        party.pk, _masked(party, "person", "name"), _label(pack.person_identifiers, party.id_kind),
        _masked(party, "person", "id_number"), _masked(party, "person", "born_on"), _masked(party, "person", "phone"),
        _masked(party, "person", "email"), tuple(_part(interest) for interest in interests),
    )  # fmt: skip


def _part(interest: Interest) -> PartShown:
    return PartShown(
        interest.pk, interest.kind, interest.get_kind_display(), interest.share, interest.get_authority_display(),
        interest.authority_until,
    )  # fmt: skip


def _account(account: BankAccount) -> AccountShown:
    return AccountShown(
        account.pk, _masked(account, "account", "holder"), _masked(account, "account", "number"), account.bank_name,
        account.bank_code, account.is_supplier, account.verified_at, account.get_verified_how_display(),
        account.entered_by_id, account.closed_at,
    )  # fmt: skip


def _masked(row: Any, sort: str, field: str) -> Masked:
    held = getattr(row, field)
    return Masked("" if held is None else held.masked, sort, row.pk, field)


def _label(kinds: Iterable[Any], code: str) -> Any:
    return next((kind.label for kind in kinds if kind.code == code), code)
