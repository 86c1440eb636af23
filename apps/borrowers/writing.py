"""Writes rows of borrowers inside an open act: cleaned by the rules, neither authorised nor recorded here.

``services`` authorise and record; stages whose own permission covers the change (an application in the making) do the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Branch
from apps.accounts.selectors import institution
from apps.borrowers import rules
from apps.borrowers.models import Authority, BankAccount, Borrower, Interest, InterestKind, Party
from apps.borrowers.rules import AccountData, BusinessData, PartyData
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.packs import Pack, pack_for
from apps.vault.secret import Secret
from apps.vault.services import owner_create

OWNING = (InterestKind.OWNER, InterestKind.BENEFICIAL_OWNER)


def pack_in_use() -> Pack:
    """The institution's jurisdiction pack; the generic one before there is an institution."""
    found = institution()
    return pack_for(found.pack if found else "generic")


def business_write_new(branch: Branch, data: BusinessData, label: str = "") -> Borrower:
    """Make a borrower with a key of its own."""
    clean = rules.business_clean(data, pack=pack_in_use(), today=clock.today())
    borrower = Borrower(branch=branch, key_owner=owner_create(kind="borrower", label=label))
    _assign(borrower, clean)
    borrower.save()
    return borrower


def business_write(borrower: Borrower, changes: Mapping[str, Any]) -> list[str]:
    """Change what is named and differs; returns the names of the fields that changed."""
    merged = dataclasses.replace(business_of(borrower), **changes)
    clean = rules.business_clean(merged, pack=pack_in_use(), today=clock.today())
    return _save_changed(borrower, clean)


def business_of(borrower: Borrower) -> BusinessData:
    """What is known of a business, in clear: to be compared and merged, never shown."""
    return BusinessData(**_plain(borrower, BusinessData))


def party_write_new(borrower: Borrower, data: PartyData) -> Party:
    """Make a person behind a business, under the borrower's key."""
    clean = rules.party_clean(data, pack=pack_in_use(), today=clock.today())
    party = Party(borrower=borrower, key_owner=borrower.key_owner)
    _assign(party, clean)
    party.save()
    return party


def party_write(party: Party, changes: Mapping[str, Any]) -> list[str]:
    """Change what is named and differs; returns the names of the fields that changed."""
    merged = dataclasses.replace(party_of(party), **changes)
    clean = rules.party_clean(merged, pack=pack_in_use(), today=clock.today())
    return _save_changed(party, clean)


def party_of(party: Party) -> PartyData:
    """What is known of a person, in clear: to be compared and merged, never shown."""
    return PartyData(**_plain(party, PartyData))


def interest_write_new(
    party: Party, kind: str, *, share: Decimal | None = None, authority: str = "", authority_until: Any = None
) -> Interest:
    """Bind a person to their business; owners need a share, signers an authority."""
    held = list(
        Interest.objects.filter(borrower_id=party.borrower_id, ended_on=None).values_list("kind", "party_id", "share")
    )
    errors = _interest_errors(kind, share, authority, [each for each in held if each[0] == kind])
    if any(each[:2] == (kind, party.pk) for each in held):
        errors["kind"] = [_("This person already has this part.")]
    if errors:
        raise BadInput(errors)
    return Interest.objects.create(
        borrower_id=party.borrower_id, party=party, kind=kind, share=share if kind in OWNING else None,
        authority=authority if kind == InterestKind.SIGNER else "",
        authority_until=authority_until if kind == InterestKind.SIGNER else None,
    )  # fmt: skip


def _interest_errors(kind: str, share: Decimal | None, authority: str, held: list[tuple[Any, ...]]) -> rules.Errors:
    errors: rules.Errors = {}
    if kind not in InterestKind.values:
        errors["kind"] = [_("Choose a part of the list.")]
    if kind in OWNING and (problem := rules.share_problem(share, [each[2] for each in held if each[2]])):
        errors["share"] = [problem]
    if kind == InterestKind.SIGNER and authority not in Authority.values:
        errors["authority"] = [_("Say where the authority to sign comes from.")]
    return errors


def account_write_new(borrower: Borrower, data: AccountData, actor: Actor) -> BankAccount:
    """Make a bank account, to be verified by another person."""
    clean = rules.account_clean(data)
    account = BankAccount(borrower=borrower, key_owner=borrower.key_owner, entered_by_id=actor.person_id)
    _assign(account, clean)
    account.save()
    return account


def _plain(row: Any, shape: type[Any]) -> dict[str, Any]:
    held = {field.name: getattr(row, field.name) for field in dataclasses.fields(shape)}
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in held.items()}


def _assign(row: Any, data: Any) -> None:
    for field in dataclasses.fields(data):
        setattr(row, field.name, getattr(data, field.name))


def _save_changed(row: Any, clean: Any) -> list[str]:
    before = _plain(row, type(clean))
    changed = [name for name, value in before.items() if value != getattr(clean, name)]
    for name in changed:
        setattr(row, name, getattr(clean, name))
    if changed:
        row.save()
    return changed
