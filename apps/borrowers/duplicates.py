"""Who else bears the same identifier, person, phone or account: found by blind index, confirmed by decrypting.

Members of one group may share people, phones and accounts; nobody may share the identifier of a business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import BankAccount, Borrower, Party
from apps.vault.blind import blind_index, confirm_matches

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
    parties = list(Party.objects.filter(borrower=borrower))
    phones = [borrower.phone, *(party.phone for party in parties)]
    own_phones = [phone.reveal() for phone in phones if phone]
    numbers = [party.id_number.reveal() for party in parties if party.id_number]
    accounts = BankAccount.objects.filter(borrower=borrower, is_supplier=False, closed_at=None)
    own_accounts = [row.number.reveal() for row in accounts]
    businesses = Borrower.objects.exclude(pk=borrower.pk)
    if borrower.identifier:
        same = _matching("borrowers.Borrower.identifier", [borrower.identifier.reveal()], businesses)
        yield from _of(DuplicateKind.IDENTIFIER, (row.pk for row in same))
    strangers = _strangers(borrower)
    people = Party.objects.filter(borrower__in=strangers)
    others = BankAccount.objects.filter(borrower__in=strangers, is_supplier=False, closed_at=None)
    same_people = _matching("borrowers.Party.id_number", numbers, people)
    yield from _of(DuplicateKind.PERSON, (row.borrower_id for row in same_people))
    yield from _of(
        DuplicateKind.PHONE, (row.pk for row in _matching("borrowers.Borrower.phone", own_phones, strangers))
    )
    yield from _of(
        DuplicateKind.PHONE, (row.borrower_id for row in _matching("borrowers.Party.phone", own_phones, people))
    )
    same_accounts = _matching("borrowers.BankAccount.number", own_accounts, others)
    yield from _of(DuplicateKind.ACCOUNT, (row.borrower_id for row in same_accounts))


def _strangers(borrower: Borrower) -> QuerySet[Borrower]:
    rows = Borrower.objects.exclude(pk=borrower.pk)
    return rows if borrower.group_id is None else rows.filter(Q(group=None) | ~Q(group_id=borrower.group_id))


def _matching(path: str, values: Iterable[str], among: QuerySet[RowT]) -> list[RowT]:
    """Rows of ``among`` that hold one of the values; one query, none without a value."""
    wanted = {blind_index(path, value): value for value in values}
    if not wanted:
        return []
    column = f"{path.rsplit('.', 1)[1]}_index"
    rows = among.filter(**{f"{column}__in": list(wanted)})
    return [row for row in rows if confirm_matches(path, wanted[getattr(row, column)], [row])]


def _of(kind: DuplicateKind, ids: Iterable[int]) -> Iterator[Duplicate]:
    return (Duplicate(kind.value, other_id) for other_id in ids)
