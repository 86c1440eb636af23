"""What pages may show of a borrower: frozen values, masked where the row is secret."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Masked:
    """One masked value and where it is opened: the row's sort (``business``, ``person``, ``account``), key and field.

    Pages print ``masked``; there is nothing else to print."""

    masked: str
    sort: str
    pk: int
    field: str


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part that a person plays."""

    id: int
    kind: str
    label: Any
    share: Decimal | None
    authority: Any
    authority_until: dt.date | None


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A person behind a business."""

    id: int
    name: Masked
    id_kind: Any
    id_number: Masked
    born_on: Masked
    phone: Masked
    email: Masked
    parts: tuple[PartShown, ...]

    def plays(self, kind: str) -> bool:
        """Tell whether the person plays a part."""
        return any(part.kind == kind for part in self.parts)


@dataclass(frozen=True, slots=True)
class AccountShown:
    """A bank account."""

    id: int
    holder: Masked
    number: Masked
    bank_name: str
    bank_code: str
    is_supplier: bool
    verified_at: dt.datetime | None
    verified_how: Any
    entered_by_id: int | None
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class BorrowerShown:
    """A business with its people and accounts."""

    id: int
    reference: str
    legal_name: str
    identifier_kind: Any
    identifier: Masked
    industry: str
    founded_on: dt.date | None
    employees: int | None
    region: str
    address: Masked
    phone: Masked
    email: Masked
    branch_name: str
    group_id: int | None
    group_name: str
    is_frozen: bool
    frozen: bool
    frozen_by_id: int | None
    group_frozen: bool
    group_frozen_by_id: int | None
    people: tuple[PersonShown, ...]
    accounts: tuple[AccountShown, ...]

    def with_part(self, kind: str) -> tuple[PersonShown, ...]:
        """People who play a part."""
        return tuple(person for person in self.people if person.plays(kind))


@dataclass(frozen=True, slots=True)
class BorrowerRow:
    """A line of a list of borrowers."""

    id: int
    legal_name: str
    identifier: str
    region: str
    branch_name: str
    is_frozen: bool
