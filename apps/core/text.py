"""Text from outside: what is refused before it reaches a database or a page."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

INVISIBLE = {"Cf"}
LONGEST_JSON = 100_000
MOST_DIGITS = 18
"""Fewer than a column of 64 bits holds, and far fewer than ``int()`` reads."""
JOINERS = {"\u200c", "\u200d"}
JOINED = {"Mn", "Mc", "So", "Sk"}
"""Categories that a joiner may follow: marks of Indic scripts, parts of an emoji. Arabic letters may be followed too."""


def refuse_nul(value: str) -> None:
    """Raise ``ValidationError`` for NUL and other control characters but tab and line breaks."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\n\r" for char in value):
        raise ValidationError(
            _("The text holds a character that cannot be stored. Remove it and try again."), code="nul"
        )


def visible(value: str) -> str:
    """Drop bidirectional overrides and other invisible format characters that could disguise a name.

    Joiners stay where writing needs them: in Persian, in Indic scripts, in emoji; between Latin or Chinese letters they hide.
    """
    before = ["", *value]
    return "".join(
        char
        for last, char in zip(before, value, strict=False)
        if unicodedata.category(char) not in INVISIBLE or (char in JOINERS and _joins(last))
    )


def _joins(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in JOINED or unicodedata.bidirectional(char) == "AL")


def plain(value: str) -> str:
    """Text as it is kept: visible and composed (NFC); ``""`` where nothing of it can be seen."""
    text = unicodedata.normalize("NFC", visible(value))
    return text if text.strip() else ""


def fold(value: str) -> str:
    """Normalise for comparison and blind indexes: NFKC, case-folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", visible(value)).casefold().split())


def whole_number(text: str) -> int | None:
    """A number of rows, pages or versions as an address carries it: plain digits that fit a column; ``None`` for all else."""
    fits = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if fits else None


def parsed(text: str, most: int = LONGEST_JSON) -> Any:
    """What a page or an address gave back as JSON; ``None`` where it makes no sense, is too long or too deep."""
    try:
        return json.loads(text) if len(text) <= most else None
    except (ValueError, RecursionError):
        return None


def sheet_cell(value: str) -> str:
    """Return text that a spreadsheet never reads as a formula (CSV injection)."""
    return "'" + value if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
