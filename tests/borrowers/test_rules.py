"""What a business, a person, a share and an account must look like."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.borrowers import rules
from apps.borrowers.rules import AccountData, BusinessData, PartyData
from apps.core.errors import BadInput
from apps.core.packs import pack_for
from tests.borrowers.factories import ric_number, uscc_number

TODAY = dt.date(2026, 11, 22)
CN, US, GENERIC = pack_for("cn"), pack_for("us"), pack_for("generic")


def wrong_fields(clean: object, *args: object, **kwargs: object) -> set[str]:
    with pytest.raises(BadInput) as refused:
        clean(*args, **kwargs)  # type: ignore[operator]
    return set(refused.value.errors)


# -- business


def test_business_is_stored_compact() -> None:
    data = BusinessData(
        legal_name="  Songhua   Bakery ", identifier_kind="uscc", identifier=f" {uscc_number(7).lower()} ",
        phone="138 0013 8000", email=" office@example.com ", industry="Food",
    )  # fmt: skip
    clean = rules.business_clean(data, pack=CN, today=TODAY)
    assert clean == dataclasses.replace(
        data, legal_name="Songhua Bakery", identifier=uscc_number(7), phone="+8613800138000", email="office@example.com"
    )


def test_business_needs_nothing_but_its_name() -> None:
    assert rules.business_clean(BusinessData(legal_name="A"), pack=CN, today=TODAY).identifier == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", ""),
        ("legal_name", "   "),
        ("legal_name", "x" * 201),
        ("legal_name", "Bakery\x00"),
        ("industry", "y" * 121),
        ("address", "\x07"),
        ("founded_on", TODAY + dt.timedelta(days=1)),
        ("founded_on", dt.date(1066, 10, 14)),
        ("employees", -1),
        ("employees", 10**9),
        ("phone", "call me"),
        ("phone", "12"),
        ("phone", "+86 1"),
        ("email", "not an address"),
        ("identifier", "91370100MA3000007X1"),
        ("identifier", "x" * 61),
    ],
)
def test_business_says_which_field_is_wrong(field: str, value: object) -> None:
    good = BusinessData(legal_name="Songhua", identifier_kind="uscc", identifier=uscc_number(1))
    assert wrong_fields(rules.business_clean, dataclasses.replace(good, **{field: value}), pack=CN, today=TODAY) == {
        field
    }


def test_business_names_every_wrong_field_at_once() -> None:
    bad = BusinessData(legal_name="", employees=-1, phone="?", email="?")
    assert wrong_fields(rules.business_clean, bad, pack=CN, today=TODAY) == {
        "legal_name",
        "employees",
        "phone",
        "email",
    }


def test_number_without_its_kind_is_asked_back() -> None:
    bad = BusinessData(legal_name="A", identifier="123")
    assert wrong_fields(rules.business_clean, bad, pack=CN, today=TODAY) == {"identifier"}


def test_kind_without_a_number_is_dropped() -> None:
    assert (
        rules.business_clean(BusinessData(legal_name="A", identifier_kind="uscc"), pack=CN, today=TODAY).identifier_kind
        == ""
    )


def test_full_width_digits_are_read() -> None:
    wide = uscc_number(9).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    data = BusinessData(legal_name="A", identifier_kind="uscc", identifier=wide)
    assert rules.business_clean(data, pack=CN, today=TODAY).identifier == uscc_number(9)


def test_overrides_that_disguise_a_name_are_dropped() -> None:
    assert rules.business_clean(BusinessData(legal_name="A\u202eB"), pack=CN, today=TODAY).legal_name == "AB"


def test_phone_abroad_needs_its_country_where_the_pack_has_none() -> None:
    assert wrong_fields(
        rules.business_clean, BusinessData(legal_name="A", phone="5551234"), pack=GENERIC, today=TODAY
    ) == {"phone"}
    data = BusinessData(legal_name="A", phone="+1 202 555 0182")
    assert rules.business_clean(data, pack=GENERIC, today=TODAY).phone == "+12025550182"


# -- identifiers, on other people's vectors

KINDS = {"uscc": (CN, "uscc"), "us_ein": (US, "ein"), "lei": (GENERIC, "lei")}


def test_business_identifiers_agree_with_the_vectors(shared: Path) -> None:
    with (shared / "vectors/identifiers/identifiers.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["type"] in KINDS]
    assert len(rows) > 150
    for row in rows:
        pack, kind = KINDS[row["type"]]
        data = BusinessData(legal_name="A", identifier_kind=kind, identifier=row["value"])
        if row["expected"] == "valid":
            assert rules.business_clean(data, pack=pack, today=TODAY).identifier, row
        else:
            assert wrong_fields(rules.business_clean, data, pack=pack, today=TODAY) == {"identifier"}, row


def test_resident_numbers_agree_with_the_vectors(shared: Path) -> None:
    with (shared / "vectors/identifiers/identifiers.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["type"] in {"ric", "ric_nonstrict"}]
    assert len(rows) >= 11
    for row in rows:
        data = PartyData(name="Wang", id_kind="ric", id_number=row["value"])
        if row["expected"] == "valid":
            assert rules.party_clean(data, pack=CN, today=TODAY).id_number == row["value"], row
        else:
            assert wrong_fields(rules.party_clean, data, pack=CN, today=TODAY) == {"id_number"}, row


@pytest.mark.parametrize("region", ["370102", "370100", "110101", "830000", "810000"])
def test_region_younger_than_its_bearer_is_taken(region: str) -> None:
    number = ric_number(1)
    swapped = region + number[6:17]
    whole = next(swapped + last for last in "0123456789X" if _passes(swapped + last))
    assert (
        rules.party_clean(PartyData(name="A", id_kind="ric", id_number=whole), pack=CN, today=TODAY).id_number == whole
    )


def _passes(number: str) -> bool:
    try:
        CN.person_identifier("ric").clean(number)
    except Exception:  # noqa: BLE001  any complaint means no
        return False
    return True


@given(st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_mistyped_digit_is_always_noticed(place: int, digit: str) -> None:
    number = uscc_number(3)
    typed = number[:place] + digit + number[place + 1 :]
    data = BusinessData(legal_name="A", identifier_kind="uscc", identifier=typed)
    if typed == number:
        assert rules.business_clean(data, pack=CN, today=TODAY).identifier == number
    else:
        assert wrong_fields(rules.business_clean, data, pack=CN, today=TODAY) == {"identifier"}


# -- people


def test_date_of_birth_is_read_from_the_number() -> None:
    clean = rules.party_clean(PartyData(name="Wang", id_kind="ric", id_number=ric_number(5)), pack=CN, today=TODAY)
    assert clean.born_on == dt.date(1980, 3, 7)


def test_date_of_birth_against_the_number_is_refused() -> None:
    data = PartyData(name="Wang", id_kind="ric", id_number=ric_number(5), born_on=dt.date(1981, 3, 7))
    assert wrong_fields(rules.party_clean, data, pack=CN, today=TODAY) == {"born_on"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 121),
        ("born_on", dt.date(1890, 1, 1)),
        ("born_on", dt.date(2020, 1, 1)),
        ("phone", "x"),
        ("email", "x@"),
        ("id_number", "12345"),
    ],
)
def test_person_says_which_field_is_wrong(field: str, value: object) -> None:
    data = dataclasses.replace(PartyData(name="Wang", id_kind="ric"), **{field: value})
    assert wrong_fields(rules.party_clean, data, pack=CN, today=TODAY) == {field}


def test_passport_is_taken_as_printed() -> None:
    data = PartyData(name="Smith", id_kind="passport", id_number="e 12345678", born_on=dt.date(1970, 1, 1))
    assert rules.party_clean(data, pack=CN, today=TODAY).id_number == "E12345678"


# -- accounts

ACCOUNT = AccountData(holder="Songhua Bakery", number="6222 0000 1234 5673", bank_name="Bank of Jinan")


def test_account_number_is_stored_without_spaces() -> None:
    assert rules.account_clean(ACCOUNT).number == "6222000012345673"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("holder", " "),
        ("number", "12"),
        ("number", "1" * 35),
        ("number", "DE89370400440532013001"),
        ("number", "DE8937040044053201300"),
        ("number", "6222 0000 1234 5678"),
        ("bank_name", ""),
        ("bank_code", "c" * 41),
        ("holder", "\x00"),
    ],
)
def test_account_says_which_field_is_wrong(field: str, value: str) -> None:
    assert wrong_fields(rules.account_clean, dataclasses.replace(ACCOUNT, **{field: value})) == {field}


@pytest.mark.parametrize(
    "number", ["62220000123456789", "1222000012345678", "20000012345678901234", "DE89370400440532013000"]
)
def test_only_numbers_of_cards_carry_a_check_digit(number: str) -> None:
    assert rules.account_clean(dataclasses.replace(ACCOUNT, number=number)).number == number


def test_valid_iban_is_taken() -> None:
    clean = rules.account_clean(dataclasses.replace(ACCOUNT, number="DE89 3704 0044 0532 0130 00"))
    assert clean.number == "DE89370400440532013000"


# -- shares and time


@pytest.mark.parametrize(
    ("share", "others", "fine"),
    [
        (Decimal(100), [], True),
        (Decimal("33.3334"), [Decimal("33.3333"), Decimal("33.3333")], True),
        (None, [], False),
        (Decimal(0), [], False),
        (Decimal(-1), [], False),
        (Decimal(101), [], False),
        (Decimal("0.0001"), [Decimal(100)], False),
    ],
)
def test_shares_of_owners(share: Decimal | None, others: list[Decimal], fine: bool) -> None:
    assert (rules.share_problem(share, others) == "") is fine


@pytest.mark.parametrize(
    ("shares", "missing"), [([], True), ([75], True), ([Decimal("75.01")], False), ([50, 26], False)]
)
def test_owner_of_a_quarter_could_be_missing(shares: list[Decimal], missing: bool) -> None:
    assert rules.owners_missing([Decimal(share) for share in shares]) is missing


@given(st.lists(st.integers(1, 40).map(Decimal), max_size=6))
def test_shares_that_pass_one_by_one_never_exceed_the_whole(shares: list[Decimal]) -> None:
    taken: list[Decimal] = []
    for share in shares:
        if rules.share_problem(share, taken) == "":
            taken.append(share)
    assert sum(taken, Decimal(0)) <= 100


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (dt.date(2025, 11, 22), dt.date(2026, 11, 22), 12),
        (dt.date(2025, 11, 23), dt.date(2026, 11, 22), 11),
        (dt.date(2026, 1, 31), dt.date(2026, 2, 28), 0),
        (dt.date(2027, 1, 1), dt.date(2026, 1, 1), 0),
    ],
)
def test_whole_months(start: dt.date, end: dt.date, months: int) -> None:
    assert rules.months_between(start, end) == months


@given(st.text(max_size=40))
def test_compact_is_stable_and_made_of_letters_and_digits(text: str) -> None:
    once = rules.compact(text)
    assert rules.compact(once) == once or not once.isascii()
    assert all(char.isalnum() for char in once)
