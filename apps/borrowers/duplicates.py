"""Who else bears the same identifier, person, phone or account: found by blind index, confirmed by decrypting.

Members of one group may share people, phones and accounts; nobody may share the identifier of a business.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import BankAccount, Borrower, Party
from apps.core.gathered import rows
from apps.vault.blind import blind_index, confirm_matches
from apps.vault.secret import Secret

RowT = TypeVar("RowT", bound=models.Model)


class DuplicateKind(models.TextChoices):
    """What two borrowers share."""

    IDENTIFIER = "identifier", _("same identifier of the business")
    PERSON = "person", _("same person behind it")
    PHONE = "phone", _("same phone")
    ACCOUNT = "account", _("same bank account")


@dataclass(frozen=True, slots=True, order=True)
class Duplicate:
    """Another borrower and what it shares with the one looked at."""

    kind: str
    other_id: int


def duplicates_of(borrower: Borrower) -> tuple[Duplicate, ...]:
    """Everything that a borrower shares with others, of whatever branch; sorted, once each."""
    return tuple(sorted(set(_found(borrower))))


def _found(borrower: Borrower) -> Iterator[Duplicate]:
    parties = rows(borrower, Party)
    accounts = [each for each in rows(borrower, BankAccount) if not each.is_supplier and each.closed_at is None]
    phones = _wanted(PHONE, (borrower.phone, *(party.phone for party in parties)))
    identifiers = _wanted(IDENTIFIER, (borrower.identifier,))
    others = _bearing(Borrower.objects.exclude(pk=borrower.pk), {IDENTIFIER: identifiers, PHONE: phones})
    yield from _of(DuplicateKind.IDENTIFIER, (row.pk for row in _matching(IDENTIFIER, identifiers, others)))
    strangers = [row for row in others if borrower.group_id is None or row.group_id != borrower.group_id]
    yield from _of(DuplicateKind.PHONE, (row.pk for row in _matching(PHONE, phones, strangers)))
    numbers, own_phones = _wanted(PERSON, (party.id_number for party in parties)), _again(PERSON_PHONE, phones)
    elsewhere = _strangers(borrower)
    people = _bearing(Party.objects.filter(elsewhere), {PERSON: numbers, PERSON_PHONE: own_phones})
    yield from _of(DuplicateKind.PERSON, (row.borrower_id for row in _matching(PERSON, numbers, people)))
    yield from _of(DuplicateKind.PHONE, (row.borrower_id for row in _matching(PERSON_PHONE, own_phones, people)))
    own = _wanted(ACCOUNT, (row.number for row in accounts))
    shared = _bearing(BankAccount.objects.filter(elsewhere, is_supplier=False, closed_at=None), {ACCOUNT: own})
    yield from _of(DuplicateKind.ACCOUNT, (row.borrower_id for row in _matching(ACCOUNT, own, shared)))


IDENTIFIER, PHONE = "borrowers.Borrower.identifier", "borrowers.Borrower.phone"
PERSON, PERSON_PHONE = "borrowers.Party.id_number", "borrowers.Party.phone"
ACCOUNT = "borrowers.BankAccount.number"
Wanted = dict[int, str]
"""Blind index → the value that is looked for."""


def _strangers(borrower: Borrower) -> Q:
    """What hangs on another business that is not of the same group."""
    others = ~Q(borrower=borrower)
    if borrower.group_id is None:
        return others
    return others & (Q(borrower__group=None) | ~Q(borrower__group_id=borrower.group_id))


def _wanted(path: str, values: Iterable[Secret | None]) -> Wanted:
    return _indexed(path, (value.reveal() for value in values if value))


def _again(path: str, wanted: Wanted) -> Wanted:
    """The same values under another index's key."""
    return _indexed(path, wanted.values())


def _indexed(path: str, values: Iterable[str]) -> Wanted:
    return {blind_index(path, value): value for value in values}


def _column(path: str) -> str:
    return f"{path.rsplit('.', 1)[1]}_index"


def _bearing(among: QuerySet[RowT], wanted: Mapping[str, Wanted]) -> list[RowT]:
    """Rows that bear one of the indexes; one query, none where nothing is looked for."""
    asked = [Q(**{f"{_column(path)}__in": list(values)}) for path, values in wanted.items() if values]
    return list(among.filter(functools.reduce(operator.or_, asked))) if asked else []


def _matching(path: str, wanted: Wanted, among: Iterable[RowT]) -> list[RowT]:
    """Rows that really hold one of the values."""
    hits = [(row, wanted.get(getattr(row, _column(path)))) for row in among]
    return [row for row, value in hits if value is not None and confirm_matches(path, value, [row])]


def _of(kind: DuplicateKind, ids: Iterable[int]) -> Iterator[Duplicate]:
    return (Duplicate(kind.value, other_id) for other_id in ids)
