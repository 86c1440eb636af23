"""Which group of an identifier's characters is wrong, in words. Pure; asked only about numbers that a check has refused.

A question is a function from the compact number to a sentence, or ``""`` where it finds nothing to say. The first answer counts.
The right check character is never told: it would help to make numbers up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from stdnum import numdb
from stdnum.cn import uscc
from stdnum.util import isdigits

from apps.core.packs import resident

Explain = Callable[[str], str]
PROVINCES = frozenset(
    [
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
"""First two digits of a region (GB/T 2260); 10 stands for offices of the whole country."""
CONFUSED = frozenset("IOSVZ")
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _part(number: str, first: int, last: int) -> dict[str, Any]:
    return {"first": first, "last": last, "part": number[first - 1 : last]}


def _length(number: str, wanted: int) -> str:
    if len(number) == wanted:
        return ""
    return _("It has %(wanted)s characters; you typed %(typed)s.") % {"wanted": wanted, "typed": len(number)}


def unified_code(number: str) -> str:
    """What is wrong with a unified social credit code (GB 32100): authority and type, region, organisation, check character."""
    return _length(number, 18) or _letters(number) or _office(number) or _region(number) or _organisation(number)


def _letters(number: str) -> str:
    found = sorted(set(number) & CONFUSED)
    if not found:
        return ""
    return _("The letters I, O, S, V and Z never stand in it: look at “%(letters)s”. Is it a 1, 0, 5, U or 2?") % {
        "letters": ", ".join(found)
    }


def _office(number: str) -> str:
    if isdigits(number[:2]):
        return ""
    return _("Characters %(first)s and %(last)s, “%(part)s”, say who registered what: they are digits.") % _part(
        number, 1, 2
    )


def _region(number: str) -> str:
    if isdigits(number[2:8]) and number[2:4] in PROVINCES:
        return ""
    return _(
        "Characters %(first)s to %(last)s, “%(part)s”, are the region: six digits that begin with a province."
    ) % _part(number, 3, 8)


def known_province(number: str) -> bool:
    """Tell whether the region of a unified code lies in a province; python-stdnum does not look."""
    return number[2:4] in PROVINCES


def _organisation(number: str) -> str:
    if any(char not in uscc._alphabet for char in number):
        return ""
    if number[16] == organisation_check(number[8:16]):
        return _("The last character checks the others and does not fit. Characters 9 to 17 agree with each other: look at 1 to 8 and at the last.")  # fmt: skip
    return _("Characters %(first)s to %(last)s, “%(part)s”, are the organisation's own code, and do not agree with each other: one is mistyped.") % _part(number, 9, 17)  # fmt: skip


def organisation_check(code: str) -> str:
    """Check character of the organisation's code within (GB 11714)."""
    total = sum(int(char, 36) * weight for char, weight in zip(code, WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def resident_number(number: str) -> str:
    """What is wrong with a resident identity number (GB 11643): digits, region, date of birth, check character."""
    return _length(number, 18) or _digits(number) or _birth(number) or _home(number) or _resident_check(number)


def _digits(number: str) -> str:
    wrong = next((place for place, char in enumerate(number[:17], start=1) if not isdigits(char)), 0)
    if not wrong:
        return ""
    return _("Character %(place)s, “%(char)s”, must be a digit; only the last may be an X.") % {
        "place": wrong, "char": number[wrong - 1]}  # fmt: skip


def _birth(number: str) -> str:
    part = number[6:14]
    try:
        born = dt.date(int(part[:4]), int(part[4:6]), int(part[6:]))
    except ValueError:
        return _("Characters %(first)s to %(last)s, “%(part)s”, are the date of birth: there is no such day.") % _part(number, 7, 14)  # fmt: skip
    if born.year < 1870:
        return _("Characters %(first)s to %(last)s, “%(part)s”, are the date of birth: look at the year.") % _part(number, 7, 14)  # fmt: skip
    return ""


def _home(number: str) -> str:
    if number[:6] in resident.PERMITS or any(
        "county" in facts for _place, facts in numdb.get("cn/loc").info(number[:6])
    ):
        return ""
    return _("Characters %(first)s to %(last)s, “%(part)s”, are the region where it was issued: there is no such region.") % _part(number, 1, 6)  # fmt: skip


def _resident_check(number: str) -> str:
    return _("The last character, “%(char)s”, checks the others and does not fit: one of them is mistyped.") % {
        "char": number[17:]}  # fmt: skip


def employer_number(number: str) -> str:
    """What is wrong with an EIN: its length, its digits, the campus it begins with."""
    return _length(number, 9) or _only_digits(number) or (
        _("Characters %(first)s and %(last)s, “%(part)s”, name the office that gave the number: no office has this one.")
        % _part(number, 1, 2)
    )  # fmt: skip


def social_number(number: str) -> str:
    """What is wrong with an SSN: its length, its digits, or the group that is never given."""
    return _length(number, 9) or _only_digits(number) or _never_given(number)


def _only_digits(number: str) -> str:
    return "" if isdigits(number) else _("It holds a character that is no digit.")


def _never_given(number: str) -> str:
    groups = (
        (1, 3, number[:3] in {"000", "666"} or number[:1] == "9"),
        (4, 5, number[3:5] == "00"),
        (6, 9, number[5:] == "0000"),
    )
    wrong = next(((first, last) for first, last, is_wrong in groups if is_wrong), None)
    if wrong is None:
        return ""
    return _("Characters %(first)s to %(last)s, “%(part)s”, are a group that is never given.") % _part(number, *wrong)


def entity_identifier(number: str) -> str:
    """What is wrong with an LEI: its length or its two check digits."""
    return _length(number, 20) or (
        _("Characters %(first)s and %(last)s, “%(part)s”, check the others and do not fit: one of them is mistyped.")
        % _part(number, 19, 20)
    )  # fmt: skip


def card_number(number: str) -> str:
    """What is wrong with the number of a bank card (ISO/IEC 7812): the last digit, by Luhn."""
    return _("Numbers that begin with 62 are of cards. The last digit, “%(char)s”, checks the others and does not fit: one of them is mistyped.") % {"char": number[-1:]}  # fmt: skip
