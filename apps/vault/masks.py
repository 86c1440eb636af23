"""What a page shows of a secret: enough to tell two apart, too little to use."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

DOTS = "••••"


class Mask(StrEnum):
    """Styles of masking."""

    NAME = "name"
    TAIL4 = "tail4"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    FILE = "file"
    FULL = "full"
    WORDS = "words"
    """Free words: dots wherever they are printed by accident, and whole, as ``secret.words``, on pages of who may see the row."""


def _name(text: str) -> str:
    """The first of at least two characters."""
    return text[: len(text) > 1] + DOTS


def _tail4(text: str) -> str:
    """Four of at least eight characters: of a shorter number four would be too much."""
    return f"{DOTS} {text[-4:]}" if len(text) >= 8 else DOTS


def _identifier(text: str) -> str:
    return f"{text[:8]}••••••{text[-4:]}" if len(text) >= 16 else _tail4(text)


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    return f"{_name(local)}@{domain}" if at and local else DOTS


def _file(text: str) -> str:
    stem, dot, ending = text.rpartition(".")
    return f"{DOTS}.{ending}" if dot and stem and ending.isascii() and ending.isalnum() and len(ending) <= 5 else DOTS


def _full(_text: str) -> str:
    return DOTS


STYLES: dict[Mask, Callable[[str], str]] = {
    Mask.NAME: _name,
    Mask.TAIL4: _tail4,
    Mask.IDENTIFIER: _identifier,
    Mask.EMAIL: _email,
    Mask.FILE: _file,
    Mask.FULL: _full,
    Mask.WORDS: _full,
}


def masked(style: Mask, text: str) -> str:
    """Mask ``text`` in a style; nothing stays nothing, so that a page can say that it is missing."""
    return STYLES[style](text) if text else ""
