"""What a business, a person, a share or a bank account must look like: pure functions over plain values.

Each ``*_clean`` returns the value in its stored form and raises ``BadInput`` naming every field that is wrong.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from stdnum import iban, luhn
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as StdnumError

from apps.core.errors import BadInput
from apps.core.packs import IdentifierKind, Pack
from apps.core.packs.explained import card_number
from apps.core.text import refuse_nul, visible

Errors = dict[str, list[Any]]
OLDEST_BUSINESS = dt.date(1700, 1, 1)
OLDEST_PERSON_YEARS = 120
MOST_EMPLOYEES = 5_000_000
CARD, CARD_LENGTHS = "62", (16, 19)
"""Numbers of bank cards carry a check digit; those of accounts of companies, of other lengths, do not."""
WHOLE = Decimal(100)
OWNER_SHARE_SEEN = Decimal(75)
"""Owners entered must hold more than this together: then nobody missing can hold 25 %."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BusinessData:
    """What is known of a business, as entered."""

    legal_name: str
    identifier_kind: str = ""
    identifier: str = ""
    industry: str = ""
    founded_on: dt.date | None = None
    employees: int | None = None
    address: str = ""
    region: str = ""
    phone: str = ""
    email: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PartyData:
    """What is known of a person behind a business, as entered."""

    name: str
    id_kind: str = ""
    id_number: str = ""
    born_on: dt.date | None = None
    phone: str = ""
    email: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AccountData:
    """A bank account, as entered."""

    holder: str
    number: str
    bank_name: str
    bank_code: str = ""
    is_supplier: bool = False


DataT = TypeVar("DataT", BusinessData, PartyData, AccountData)


def compact(value: str) -> str:
    """Normalise an identifier, phone or account number for its blind index: letters and digits only, in capitals."""
    return "".join(char for char in unicodedata.normalize("NFKC", value).upper() if char.isalnum())


def business_clean(data: BusinessData, *, pack: Pack, today: dt.date) -> BusinessData:
    """Return a business in its stored form."""
    errors = _text_errors(data, {"legal_name": 200, "industry": 120, "address": 400, "region": 80})
    if not data.legal_name.strip():
        errors.setdefault("legal_name", []).append(_("Enter the legal name as it stands in the register."))
    if data.founded_on and not OLDEST_BUSINESS <= data.founded_on <= today:
        errors["founded_on"] = [_("Enter a day in the past, with four digits of the year.")]
    if data.employees is not None and not 0 <= data.employees <= MOST_EMPLOYEES:
        errors["employees"] = [_("Enter the number of people employed today.")]
    kinds = {kind.code: kind for kind in pack.business_identifiers}
    identifier = _identifier(data.identifier, kinds.get(data.identifier_kind), "identifier", errors)
    phone, email = _phone(data.phone, pack, errors), _email(data.email, errors)
    _refuse(errors)
    return dataclasses.replace(
        _stripped(data), identifier=identifier, phone=phone, email=email,
        identifier_kind=data.identifier_kind if identifier else "",
    )  # fmt: skip


def party_clean(data: PartyData, *, pack: Pack, today: dt.date) -> PartyData:
    """Return a person in the stored form; a number that carries the date of birth must agree with the one entered."""
    errors = _text_errors(data, {"name": 120})
    if not data.name.strip():
        errors.setdefault("name", []).append(_("Enter the name as it stands in the identity document."))
    if data.born_on and not today.year - OLDEST_PERSON_YEARS <= data.born_on.year <= today.year - 14:
        errors["born_on"] = [_("Enter the date of birth, with four digits of the year.")]
    kind = {kind.code: kind for kind in pack.person_identifiers}.get(data.id_kind)
    number = _identifier(data.id_number, kind, "id_number", errors)
    born_on = _born_on(number, kind, data.born_on, errors)
    phone, email = _phone(data.phone, pack, errors), _email(data.email, errors)
    _refuse(errors)
    return dataclasses.replace(
        _stripped(data), id_number=number, id_kind=data.id_kind if number else "", born_on=born_on, phone=phone,
        email=email,
    )  # fmt: skip


def account_clean(data: AccountData) -> AccountData:
    """Return an account in the stored form; a number in IBAN shape must pass the IBAN check."""
    errors = _text_errors(data, {"holder": 200, "bank_name": 120, "bank_code": 40})
    for field, sentence in (
        ("holder", _("Enter the holder as the bank writes it.")),
        ("bank_name", _("Enter the name of the bank.")),
    ):
        if not getattr(data, field).strip():
            errors.setdefault(field, []).append(sentence)
    number = _account_number(data.number, errors)
    _refuse(errors)
    return dataclasses.replace(_stripped(data), number=number)


def share_problem(share: Decimal | None, others: Iterable[Decimal]) -> Any:
    """Say what is wrong with an owner's share beside the shares already entered, or return ``""``."""
    if share is None:
        return _("Enter the share in percent.")
    if not 0 < share <= WHOLE:
        return _("A share is above 0 and at most 100 %.")
    total = share + sum(others, Decimal(0))
    if total > WHOLE:
        return _("Together the owners would hold %(total)s %%. Correct the shares.") % {
            "total": f"{total.normalize():f}"
        }
    return ""


def owners_missing(shares: Sequence[Decimal]) -> bool:
    """Tell whether somebody with 25 % or more could still be missing among the owners."""
    return sum(shares, Decimal(0)) <= OWNER_SHARE_SEEN


def months_between(start: dt.date, end: dt.date) -> int:
    """Whole months from one day to another; never below zero."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(months, 0)


def _text_errors(data: Any, limits: dict[str, int]) -> Errors:
    errors: Errors = {}
    for field in dataclasses.fields(data):
        value = getattr(data, field.name)
        if isinstance(value, str):
            _check_text(field.name, value, limits.get(field.name, 254), errors)
    return errors


def _check_text(name: str, value: str, limit: int, errors: Errors) -> None:
    if len(value) > limit:
        errors[name] = [_("This is longer than %(limit)s characters.") % {"limit": limit}]
    try:
        refuse_nul(value)
    except ValidationError as error:
        errors.setdefault(name, []).extend(error.messages)


def _stripped(data: DataT) -> DataT:
    texts: dict[str, Any] = {
        field.name: " ".join(visible(value).split())
        for field in dataclasses.fields(data)
        if isinstance(value := getattr(data, field.name), str)
    }
    return dataclasses.replace(data, **texts)


def _identifier(value: str, kind: IdentifierKind | None, field: str, errors: Errors) -> str:
    if not value.strip() or field in errors:
        return ""
    if kind is None:
        errors[field] = [_("Choose what kind of number this is.")]
        return ""
    if len(value) > 60:
        errors[field] = [_("This is longer than %(limit)s characters.") % {"limit": 60}]
        return ""
    try:
        return kind.clean(unicodedata.normalize("NFKC", visible(value)))
    except ValidationError as error:
        errors[field] = list(error.messages)
    return ""


def _born_on(number: str, kind: IdentifierKind | None, born_on: dt.date | None, errors: Errors) -> dt.date | None:
    reads_birth = getattr(kind.module, "get_birth_date", None) if kind and number else None
    if reads_birth is None:
        return born_on
    told: dt.date = reads_birth(number)
    if born_on and born_on != told:
        errors.setdefault("born_on", []).append(
            _("The identity number says another date of birth. Correct one of them.")
        )
    return told


def _phone(value: str, pack: Pack, errors: Errors) -> str:
    if not value.strip() or "phone" in errors:
        return ""
    try:
        number = phonenumbers.parse(value, pack.country or None)
    except phonenumbers.NumberParseException:
        errors["phone"] = [_("Enter a phone number, beginning with + and the country code when it is abroad.")]
        return ""
    if not phonenumbers.is_possible_number(number):
        errors["phone"] = [_("This phone number has too few or too many digits.")]
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _email(value: str, errors: Errors) -> str:
    if not value.strip() or "email" in errors:
        return ""
    try:
        validate_email(value.strip())
    except ValidationError:
        errors["email"] = [_("Enter an e-mail address such as name@example.com.")]
    return value.strip()


def _account_number(value: str, errors: Errors) -> str:
    number = compact(value)
    if not re.fullmatch(r"[A-Z0-9]{5,34}", number):
        errors["number"] = [_("Enter the account number: 5 to 34 digits or letters.")]
        return ""
    problem = _iban_problem(number) if re.match(r"[A-Z]{2}\d{2}", number) else _card_problem(number)
    if problem:
        errors["number"] = [problem]
    return number


def _iban_problem(number: str) -> Any:
    try:
        iban.validate(number)
    except InvalidChecksum:
        return _("Characters 3 and 4 of this IBAN, “%(part)s”, check the others and do not fit: one of them is mistyped.") % {
            "part": number[2:4]}  # fmt: skip
    except StdnumError:
        return _("An IBAN that begins with “%(part)s” looks different. Compare it with the paper.") % {
            "part": number[:2]
        }
    return ""


def _card_problem(number: str) -> Any:
    is_card = number.startswith(CARD) and len(number) in CARD_LENGTHS and number.isdigit()
    return "" if not is_card or luhn.is_valid(number) else card_number(number)


def _refuse(errors: Errors) -> None:
    if errors:
        raise BadInput(errors)
