"""People behind a business and the parts they play."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import writing
from apps.borrowers.models import Borrower, Interest, InterestKind, Party
from apps.borrowers.rules import PartyData
from apps.borrowers.services.locking import ask_before, lock_for_change, tell_after
from apps.core import clock
from apps.core.actor import Actor


@act
def party_add(*, actor: Actor, borrower: Borrower, data: PartyData) -> Party:
    """Enter a person behind a business; their part is said by ``interest_add``."""
    locked = lock_for_change(borrower, actor)
    party = writing.party_write_new(locked, data)
    record(Tag.PARTY_ADDED, actor=actor, subject=party, touched=[locked])
    return party


@act
def party_update(*, actor: Actor, party: Party, changes: Mapping[str, Any]) -> Party:
    """Change what is named in ``changes`` (fields of ``PartyData``). Refused while a case of the business is under review."""
    locked = lock_for_change(party.borrower, actor)
    ask_before(locked, actor)
    current = Party.objects.select_related("key_owner").get(pk=party.pk)
    if writing.party_write(current, changes):
        tell_after(locked, actor)
        record(Tag.PARTY_CHANGED, actor=actor, subject=current)
    return current


@act
def interest_add(
    *, actor: Actor, party: Party, kind: str, share: Decimal | None = None, authority: str = "",
    authority_until: dt.date | None = None,
) -> Interest:  # fmt: skip
    """Say what part a person plays. Guarantors may join at any time; all else waits while a case is under review."""
    locked = lock_for_change(party.borrower, actor)
    if kind != InterestKind.GUARANTOR:
        ask_before(locked, actor)
    interest = writing.interest_write_new(
        party, kind, share=share, authority=authority, authority_until=authority_until
    )
    if kind != InterestKind.GUARANTOR:
        tell_after(locked, actor)
    record(Tag.INTEREST_ADDED, actor=actor, subject=interest)
    return interest


@act
def interest_end(*, actor: Actor, interest: Interest) -> Interest:
    """End a person's part; the row stays."""
    locked = lock_for_change(interest.borrower, actor)
    ask_before(locked, actor)
    current = Interest.objects.get(pk=interest.pk)
    if current.ended_on is None:
        current.ended_on = clock.today()
        current.save(update_fields=["ended_on"])
        tell_after(locked, actor)
        record(Tag.INTEREST_ENDED, actor=actor, subject=current)
    return current
