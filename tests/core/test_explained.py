"""A wrong identifier says which group of its characters is wrong, in both languages, and never the right check character."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from stdnum.cn import ric, uscc

from apps.core.packs import explained, pack_for

GOOD = "91110000600037341L"
CN, US, GENERIC = pack_for("cn"), pack_for("us"), pack_for("generic")
KINDS = {
    "uscc": CN.business_identifier("uscc"), "ric": CN.person_identifier("ric"), "ein": US.business_identifier("ein"),
    "ssn": US.person_identifier("ssn"), "lei": GENERIC.business_identifier("lei"),
}  # fmt: skip
ELSEWHERE = "9199000060003734"
WRONG = [
    ("uscc", GOOD[:-1], "18 characters; you typed 17"),
    ("uscc", GOOD[:-1] + "9", "Characters 9 to 17 agree with each other"),
    ("uscc", "91110000600037314L", "Characters 9 to 17, “600037314”"),
    ("uscc", "91110O00600037341L", "look at “O”"),
    ("uscc", "9199000060003734" + "1L", "Characters 3 to 8, “990000”"),
    ("uscc", "A1110000600037341L", "Characters 1 and 2, “A1”"),
    ("uscc", "9111000060003734中L", "does not belong there"),
    ("ric", "36042619910101007", "18 characters; you typed 17"),
    ("ric", "36042619910101O071", "Character 15, “O”"),
    ("ric", "360426199102300071", "Characters 7 to 14, “19910230”, are the date of birth"),
    ("ric", "360426109101010071", "look at the year"),
    ("ric", "990426199112010074", "Characters 1 to 6, “990426”, are the region"),
    ("ric", "360426199101010072", "The last character, “2”"),
    ("ein", "07-1144442", "Characters 1 and 2, “07”"),
    ("ein", "91-114444", "9 characters; you typed 8"),
    ("ein", "91-11x4444", "no digit"),
    ("ssn", "666-10-1234", "Characters 1 to 3, “666”"),
    ("ssn", "123-00-1234", "Characters 4 to 5, “00”"),
    ("ssn", "123-10-0000", "Characters 6 to 9, “0000”"),
    ("ssn", "078-05-1120", "does not exist"),
    ("lei", "213800KUD8LAJWSQ9D16", "Characters 19 and 20, “16”"),
]


def complaint(kind: str, number: str) -> str:
    """What is said about a number."""
    with pytest.raises(ValidationError) as refused:
        KINDS[kind].clean(number)
    return str(refused.value.messages[0])


@pytest.mark.parametrize(("kind", "number", "words"), WRONG)
def test_the_group_that_is_wrong_is_named(kind: str, number: str, words: str) -> None:
    assert words in complaint(kind, number)


def test_a_region_that_no_province_has_is_refused_even_with_a_fitting_check() -> None:
    base = f"{ELSEWHERE}1"
    assert "Characters 3 to 8" in complaint("uscc", base + uscc.calc_check_digit(base))


def test_the_right_check_character_is_never_told() -> None:
    base = "36042619910101007"
    right = ric.calc_check_digit(f"{base}0")
    for char in "0123456789X":
        if char != right:
            assert f"“{right}”" not in complaint("ric", base + char)


def test_the_organisation_s_own_check_agrees_with_codes_in_use(shared: Path) -> None:
    with (shared / "vectors/identifiers/identifiers.csv").open(newline="") as file:
        known = [row for row in csv.DictReader(file) if (row["type"], row["expected"]) == ("uscc", "valid")]
    numbers = [uscc.compact(row["value"]) for row in known]
    assert len(numbers) > 100
    assert [number for number in numbers if explained.organisation_check(number[8:16]) != number[16]] == []
