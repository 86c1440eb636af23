"""What a reconciliation found."""

from __future__ import annotations

import dataclasses
from collections import Counter
from enum import StrEnum
from typing import Any

KEPT = 100
NAMED = 20
"""How many differences an event names; the rest is counted."""


class Kind(StrEnum):
    """How a row differs from what the log says of it."""

    EDITED = "edited"
    ADDED = "added"
    DELETED = "deleted"
    PUT_BACK = "put_back"
    REPLAYED = "replayed"
    MOVED = "moved"


WORDS = {
    Kind.EDITED: "was edited behind the application's back",
    Kind.ADDED: "stands in its table, and no event tells of its making",
    Kind.DELETED: "is gone from its table, and no event tells of its deletion",
    Kind.PUT_BACK: "stands in its table after the event that deleted it",
    Kind.REPLAYED: "holds again what it held before a later change",
    Kind.MOVED: "holds ciphertext that was sealed elsewhere or is damaged",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: its object key, how, the newest event of it (0 for none) and what can be named.

    ``fields`` are those known to differ; ``older`` is the event whose state was put back, for a replay.
    """

    object: str
    kind: Kind
    event: int = 0
    fields: tuple[str, ...] = ()
    older: int = 0

    @property
    def words(self) -> str:
        """A sentence for people."""
        fields = f" ({', '.join(self.fields)})" if self.fields else ""
        older = f", as of event {self.older}" if self.older else ""
        return f"{self.object} {WORDS[self.kind]}{fields}{older}; its newest event is {self.event or 'none'}"

    def as_json(self) -> dict[str, Any]:
        """The difference for the log and for ``--json``; what is empty is left out."""
        told = {"object": self.object, "kind": self.kind.value, "event": self.event, "fields": list(self.fields)}
        return {name: value for name, value in {**told, "older": self.older}.items() if value}


@dataclasses.dataclass(slots=True)
class Reconciliation:
    """Counts, and the first differences in full.

    ``left_out`` counts rows that cannot be compared: the key of what they hide is destroyed, or their table is gone.
    """

    checked: int = 0
    left_out: int = 0
    kinds: Counter[Kind] = dataclasses.field(default_factory=Counter)
    differences: list[Difference] = dataclasses.field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows differ."""
        return self.kinds.total()

    def add(self, difference: Difference) -> None:
        """Note a difference; the first are kept in full."""
        self.kinds[difference.kind] += 1
        if len(self.differences) < KEPT:
            self.differences.append(difference)

    def as_json(self, most: int = KEPT) -> dict[str, Any]:
        """Everything, for ``--json`` and, shortened, for the event."""
        return {
            "checked": self.checked,
            "left_out": self.left_out,
            "differ": self.count,
            "kinds": {kind.value: count for kind, count in sorted(self.kinds.items())},
            "first": [difference.as_json() for difference in self.differences[:most]],
        }
