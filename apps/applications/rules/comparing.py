"""What differs between two snapshots of an application, field by field, and between two texts, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOTHING: tuple[Any, ...] = (None, "", {}, [])
TOKENS = re.compile(r"[A-Za-z0-9À-ɏЀ-ӿ]+|\s+|.", re.DOTALL)
SENTENCES = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]?")
MOST_STEPS = 1_000_000
"""Two texts of so many words, multiplied, are compared by sentences instead: it would take seconds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of both snapshots; ``kind`` is ``same``, ``added``, ``removed`` or ``changed``."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """What happened to the field; nothing and an empty text are the same."""
        if self.before == self.after:
            return "same"
        if self.before in NOTHING:
            return "added"
        return "removed" if self.after in NOTHING else "changed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: ``same``, ``removed`` or ``added``."""

    kind: str
    text: str


def compared(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[Difference]:
    """Every field that either snapshot fills, in the order of the newer one; figures and texts stay as they are."""
    before, after = dict(_leaves(older, ())), dict(_leaves(newer, ()))
    paths = [*after, *(path for path in before if path not in after)]
    return [Difference(path, before.get(path), after.get(path)) for path in paths]


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every leaf that holds something."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, str(name)))
    elif value not in NOTHING:
        yield path, value


def pieces(before: str, after: str) -> list[Piece]:
    """How one text became another: words in Latin script, single characters in Chinese."""
    left, right = TOKENS.findall(before), TOKENS.findall(after)
    if len(left) * len(right) > MOST_STEPS:
        left, right = (list(filter(None, SENTENCES.findall(text))) for text in (before, after))
    return list(_pieces(left, right))


def _pieces(left: list[str], right: list[str]) -> Iterator[Piece]:
    for step, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if step == "equal":
            yield Piece("same", "".join(left[a:b]))
            continue
        if a < b:
            yield Piece("removed", "".join(left[a:b]))
        if c < d:
            yield Piece("added", "".join(right[c:d]))
