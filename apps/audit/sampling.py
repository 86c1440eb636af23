"""Random samples that anybody can draw again: the events whose digests under a seed are the smallest.

Whoever knows the seed, the numbers of the events that fit, and the size draws the same sample. The seed is drawn by chance and stands
in the manifest and in the log: nobody chooses it, and so nobody chooses which events come in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import heapq
import secrets
from collections.abc import Iterable, Iterator

from apps.audit.canonical import JSON


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """How many events are drawn, by which seed, and up to which event (0: all there are when it is drawn)."""

    size: int
    seed: str
    upto: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Drawn:
    """A sample: the numbers of its events, and how many events it was drawn from."""

    sample: Sample
    numbers: frozenset[int]
    population: int

    def as_json(self) -> dict[str, JSON]:
        """The manifest's share."""
        upto: dict[str, JSON] = {"upto": self.sample.upto} if self.sample.upto else {}
        return {"size": self.sample.size, "seed": self.sample.seed, "population": self.population, **upto}


def fresh_seed() -> str:
    """A seed by chance. Nobody chooses one: who may, tries at home until the sample pleases, and the log would not know."""
    return secrets.token_hex(8)


def drawn(sample: Sample, numbers: Iterable[int]) -> Drawn:
    """Draw a sample of event numbers; holds no more of them than it draws."""
    counted = _Counted(numbers)
    chosen = heapq.nsmallest(sample.size, counted, key=lambda number: rank(sample.seed, number))
    return Drawn(sample, frozenset(chosen), counted.count)


def rank(seed: str, number: int) -> bytes:
    """The digest by which events are drawn: SHA-256 of seed, colon and number in decimal."""
    return hashlib.sha256(f"{seed}:{number}".encode()).digest()


class _Counted:
    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers, self.count = numbers, 0

    def __iter__(self) -> Iterator[int]:
        for number in self._numbers:
            self.count += 1
            yield number
