"""Businesses for tests, made through the services; valid Chinese identifiers are computed, never copied."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from stdnum import luhn
from stdnum.cn import ric, uscc

from apps.access.roles import Role
from apps.accounts.models import Account, Branch
from apps.borrowers.models import BankAccount, Borrower, Party
from apps.borrowers.rules import AccountData, BusinessData, PartyData
from apps.borrowers.services import (
    bank_account_add,
    bank_account_verify,
    borrower_create,
    interest_add,
    party_add,
)
from apps.core.actor import Actor
from tests.accounts import factories as people

numbers = itertools.count(1)
PLACES = (*range(370102, 370106), *range(370202, 370207), *range(370302, 370307), *range(370620, 370635), *range(371421, 371429),
          *range(371521, 371527))  # fmt: skip
"""Codes of counties of Shandong, Jinan's districts first."""


def uscc_number(serial: int | None = None) -> str:
    """A unified social credit code that passes its check."""
    base = f"91370100MA3{next(numbers) if serial is None else serial:06d}"
    return base + uscc.calc_check_digit(base)


def ric_number(serial: int | None = None, born: dt.date = dt.date(1980, 3, 7)) -> str:
    """A resident identity number of Shandong that passes its check; a place and a day have a thousand of them."""
    thousands, rest = divmod(next(numbers) if serial is None else serial, 1000)
    base = f"{PLACES[thousands % len(PLACES)]}{born:%Y%m%d}{rest:03d}"
    return base + ric.calc_check_digit(f"{base}0")


def phone_number(serial: int | None = None) -> str:
    """A mobile phone number."""
    return f"+86138{next(numbers) if serial is None else serial:08d}"


def business(**given: Any) -> BusinessData:
    """Facts of a business founded years ago; fields can be replaced."""
    number = next(numbers)
    facts: dict[str, Any] = {
        "legal_name": f"Songhua Bakery {number} Co.", "identifier_kind": "uscc", "identifier": uscc_number(),
        "industry": "Food manufacturing", "founded_on": dt.date(2018, 5, 4), "employees": 34,
        "address": f"{number} Jingshi Road", "region": "Jinan", "phone": phone_number(), "email": f"office{number}@example.com",
    }  # fmt: skip
    return BusinessData(**{**facts, **given})


def person(**given: Any) -> PartyData:
    """Facts of a person; fields can be replaced."""
    number = next(numbers)
    facts: dict[str, Any] = {
        "name": f"Wang Number{number}", "id_kind": "ric", "id_number": ric_number(), "phone": phone_number(),
        "email": f"person{number}@example.com",
    }  # fmt: skip
    return PartyData(**{**facts, **given})


def officer(branch: Branch | None = None) -> Actor:
    """The actor of a new loan officer at a branch."""
    return people.actor_for(people.staff(Role.LOAN_OFFICER, branch or people.branch()))


def actor_of(role: str, branch: Branch | None = None) -> Actor:
    """The actor of a new member of staff with a role at a branch."""
    return people.actor_for(people.staff(role, branch or people.branch()))


def account_of(role: str, branch: Branch | None = None) -> Account:
    """The account of a new member of staff with a role at a branch."""
    return people.staff(role, branch or people.branch())


def borrower(actor: Actor | None = None, branch: Branch | None = None, **facts: Any) -> Borrower:
    """A borrower without people."""
    place = branch or people.branch()
    return borrower_create(actor=actor or officer(place), branch=place, data=business(**facts))


def party(actor: Actor, owner: Borrower, **facts: Any) -> Party:
    """A person behind a borrower, without a part."""
    return party_add(actor=actor, borrower=owner, data=person(**facts))


def whole_people(actor: Actor, owner: Borrower) -> Party:
    """One person who owns all, benefits, represents and signs; returns them."""
    one = party(actor, owner)
    interest_add(actor=actor, party=one, kind="owner", share=Decimal(100))
    interest_add(actor=actor, party=one, kind="beneficial_owner", share=Decimal(100))
    interest_add(actor=actor, party=one, kind="legal_representative")
    interest_add(actor=actor, party=one, kind="signer", authority="law")
    return one


def account_number(serial: int | None = None) -> str:
    """A bank account number that passes its check."""
    base = f"6222{next(numbers) if serial is None else serial:011d}"
    return base + luhn.calc_check_digit(base)


def bank_account(actor: Actor, owner: Borrower, *, verified_by: Actor | None = None, **facts: Any) -> BankAccount:
    """An account of a borrower, verified when somebody is named for it."""
    given: dict[str, Any] = {"holder": owner.legal_name, "number": account_number(), "bank_name": "Bank of Jinan"}
    account = bank_account_add(actor=actor, borrower=owner, data=AccountData(**{**given, **facts}))
    return (
        account if verified_by is None else bank_account_verify(actor=verified_by, account=account, how="bank_letter")
    )
