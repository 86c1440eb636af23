"""Amounts as people type them: grouped, with a currency beside them, full-width, in units of 万 and 亿. Pure but for the locale."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from apps.core import money

LONGEST = 40
MARKS: dict[str, frozenset[str]] = {
    "¥": frozenset({"CNY", "JPY"}), "元": frozenset({"CNY"}), "人民币": frozenset({"CNY"}), "RMB": frozenset({"CNY"}),
    "$": frozenset({"USD", "HKD", "SGD"}), "US$": frozenset({"USD"}), "美元": frozenset({"USD"}), "HK$": frozenset({"HKD"}),
    "港元": frozenset({"HKD"}), "S$": frozenset({"SGD"}), "€": frozenset({"EUR"}), "欧元": frozenset({"EUR"}),
    "£": frozenset({"GBP"}), "₩": frozenset({"KRW"}),
}  # fmt: skip
"""Signs and words that stand for currencies; an ISO code stands for itself."""
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
PART = re.compile(rf"([0-9]+(?:\.[0-9]+)?)([{''.join(UNITS)}]+)")
GROUPED = r"\d{{1,3}}(?:([{marks}])\d{{3}})(?:\1\d{{3}})*|\d{{1,4}}(?:([{marks}])\d{{4}})(?:\2\d{{4}})*|\d+"


def parse_amount(text: str, currency: str = "") -> Decimal:
    """Read an amount; raises ``ValidationError`` saying what is expected.

    Thousands are grouped by the locale's mark, spaces or apostrophes; Chinese readers may group by four. With a ``currency``
    another one beside the amount is refused, without one none may stand there.
    """
    if any(unicodedata.category(char) == "No" for char in text):  # NFKC would make 10² a hundred and two
        raise _unreadable()
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    sign, bare = _sign(_bare(plain, currency))
    if not bare or len(bare) > LONGEST:
        raise _unreadable()
    value = _in_units(bare) if any(char in UNITS for char in bare) else _in_digits(bare)
    return sign * value


def _sign(text: str) -> tuple[int, str]:
    return (-1, text[1:].lstrip()) if text.startswith("-") else (1, text)


def _bare(text: str, currency: str) -> str:
    """The text without the currency that stands before or behind it."""
    sign, rest = _sign(text)
    found = re.fullmatch(r"([^\d\s.,'’+-]*)\s*(.*?)\s*([^\d\s.,'’十百千万萬亿億]*)", rest)
    before, middle, behind = found.groups() if found else ("", rest, "")
    for mark in filter(None, (before, behind)):
        code = mark.upper()
        meant = MARKS.get(code) or {code} & money.MINOR_UNITS.keys()
        if not (meant and currency):
            raise _unreadable()
        if currency not in meant:
            raise ValidationError(
                _("This amount is in %(currency)s. Convert it, and leave the other currency out."),
                code="currency", params={"currency": currency},
            )  # fmt: skip
    return f"{'-' if sign < 0 else ''}{middle}"


def _in_digits(text: str) -> Decimal:
    mark = str(get_format("DECIMAL_SEPARATOR"))
    thousands = "," if mark == "." else "."
    whole, point, places = text.partition(mark)
    marks = re.escape(thousands) + r" '’"
    if not re.fullmatch(GROUPED.format(marks=marks), whole, re.ASCII) or (point and not _digits(places)):
        raise _misplaced(mark, thousands) if re.fullmatch(r"[\d.,' ’]+", text, re.ASCII) else _unreadable()
    return Decimal("".join(filter(_digits, whole)) + (f".{places}" if point else ""))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _in_units(text: str) -> Decimal:
    """``120万``, ``1.2亿``, ``1亿2000万``, ``120万5000``; what would be short for another number is refused (``120万5``)."""
    rest, total, bound = re.sub(r"[\s,]", "", text), Decimal(0), Decimal(10) ** 16
    while part := PART.match(rest):
        unit = Decimal(1)
        for char in part[2]:
            unit *= UNITS[char]
        value = Decimal(part[1]) * unit
        if value >= bound:
            raise _unreadable()
        total, bound, rest = total + value, unit, rest[part.end() :]
    if rest and not (_digits(rest) and len(rest) == len(str(int(bound))) - 1):
        raise _unreadable()
    return total + Decimal(rest or 0)


def _unreadable() -> ValidationError:
    return ValidationError(_("Enter an amount in digits, such as 1,200,000.00."), code="amount")


def _misplaced(mark: str, thousands: str) -> ValidationError:
    words: dict[str, Any] = {"mark": mark, "thousands": thousands, "example": f"1{thousands}200{thousands}000{mark}50"}
    return ValidationError(
        _("“%(thousands)s” groups thousands and “%(mark)s” begins the decimals: %(example)s."), code="amount", params=words
    )  # fmt: skip
