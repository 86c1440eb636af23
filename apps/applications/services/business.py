"""Changes of the business and its people from within a draft: by who prepares it, officer or borrower."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.applications.services.locking import DRAFT_ONLY, case_locked, take_part
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import writing
from apps.borrowers.models import Borrower, Interest, Party
from apps.borrowers.rules import PartyData
from apps.borrowers.services.locking import ask_before, tell_after
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase


@act
def business_save(*, actor: Actor, case: LoanCase, version: int | None, changes: Mapping[str, Any]) -> LoanCase:
    """Change fields of the business (``BusinessData``); an empty change keeps everything."""
    locked, borrower = _begin(case, actor, version)
    if writing.business_write(borrower, changes):
        return _end(locked, borrower, actor, Tag.BORROWER_CHANGED, borrower)
    return locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that a person plays: share in percent for owners, authority for signers."""

    kind: str
    share: Decimal | None = None
    authority: str = ""
    authority_until: dt.date | None = None


@act
def person_add(
    *, actor: Actor, case: LoanCase, version: int | None, data: PartyData, parts: Sequence[Part] = ()
) -> Party:
    """Enter a person behind the business with the parts they play."""
    locked, borrower = _begin(case, actor, version)
    party = writing.party_write_new(borrower, data)
    for part in parts:
        writing.interest_write_new(
            party, part.kind, share=part.share, authority=part.authority, authority_until=part.authority_until
        )
    _end(locked, borrower, actor, Tag.PARTY_ADDED, party)
    return party


@act
def person_save(
    *, actor: Actor, case: LoanCase, version: int | None, party: Party, changes: Mapping[str, Any]
) -> Party:
    """Change fields of a person (``PartyData``)."""
    locked, borrower = _begin(case, actor, version)
    current = _own(Party.objects.select_related("key_owner").filter(pk=party.pk, borrower=borrower).first(), party)
    if writing.party_write(current, changes):
        _end(locked, borrower, actor, Tag.PARTY_CHANGED, current)
    return current


@act
def part_add(*, actor: Actor, case: LoanCase, version: int | None, party: Party, part: Part) -> Interest:
    """Say what part a person plays."""
    locked, borrower = _begin(case, actor, version)
    current = _own(Party.objects.filter(pk=party.pk, borrower=borrower).first(), party)
    interest = writing.interest_write_new(
        current, part.kind, share=part.share, authority=part.authority, authority_until=part.authority_until
    )
    _end(locked, borrower, actor, Tag.INTEREST_ADDED, interest)
    return interest


@act
def part_end(*, actor: Actor, case: LoanCase, version: int | None, interest: Interest) -> Interest:
    """End a person's part."""
    locked, borrower = _begin(case, actor, version)
    current = _own(Interest.objects.filter(pk=interest.pk, borrower=borrower, ended_on=None).first(), interest)
    current.ended_on = clock.today()
    current.save(update_fields=["ended_on"])
    _end(locked, borrower, actor, Tag.INTEREST_ENDED, current)
    return current


def _begin(case: LoanCase, actor: Actor, version: int | None) -> tuple[LoanCase, Borrower]:
    locked = case_locked(case, actor=actor, permission=Permission.APPLICATION_EDIT, version=version, states=DRAFT_ONLY)
    take_part(locked, actor)
    borrower = Borrower.objects.select_for_update(of=("self",)).select_related("key_owner").get(pk=locked.borrower_id)
    ask_before(borrower, actor)
    return locked, borrower


def _end(case: LoanCase, borrower: Borrower, actor: Actor, tag: Tag, subject: Any) -> LoanCase:
    tell_after(borrower, actor)
    record(tag, actor=actor, subject=subject, case=case, stage=case.stage)
    case.refresh_from_db()
    return case


def _own(found: Any, asked: Any) -> Any:
    if found is None:
        raise NotVisible(subject=asked)
    return found
