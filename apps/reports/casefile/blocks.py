"""What a section is made of: plain words and figures, so that page and PDF say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from apps.core import figures
from apps.core.text import visible


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values."""

    rows: list[list[str]]
    kind: str = "pairs"


@dataclass(frozen=True, slots=True)
class Words:
    """A text somebody wrote, under its name."""

    title: str
    text: str
    kind: str = "words"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; ``right`` numbers the columns of figures, from 0."""

    heading: list[str]
    rows: list[list[str]]
    right: list[int] = field(default_factory=list)
    kind: str = "grid"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of LoanFlow's own."""

    text: str
    kind: str = "note"


Block = Pairs | Words | Grid | Note


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the file."""

    title: str
    blocks: list[Block]

    def as_json(self) -> dict[str, Any]:
        """Plain values for the typesetter."""
        return asdict(self)


def pairs(*rows: tuple[Any, Any]) -> Pairs:
    """Labels with values as text; nothing is a dash."""
    return Pairs([[str(label), text(value)] for label, value in rows])


def grid(heading: Sequence[Any], rows: Sequence[Sequence[Any]], *right: int) -> Grid:
    """A table of texts."""
    return Grid([str(word) for word in heading], [[text(cell) for cell in row] for row in rows], list(right))


def words(*texts: tuple[Any, Any]) -> list[Block]:
    """Texts that say something, each under its name."""
    return [Words(str(title), visible(str(held))) for title, held in texts if held]


def text(value: Any) -> str:
    """A value as it stands on paper."""
    if value is None or value == "":
        return figures.NOTHING
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value)
        return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"
    return date_format(value) if isinstance(value, dt.date) else visible(str(value))


def money(value: Any, currency: str) -> str:
    """An amount with its currency."""
    shown = figures.amount(value, currency)
    return shown if shown == figures.NOTHING else f"{currency} {shown}"


def fingerprint(digest: str) -> str:
    """A digest in groups, so that a line can break inside it."""
    return " ".join(digest[at : at + 16] for at in range(0, len(digest), 16))
