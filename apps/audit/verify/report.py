"""What a verification found."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Iterator
from typing import Any

logger = logging.getLogger(__name__)

KEPT = 100
GARBLED = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
"""What reading raises where a table holds what nobody here writes: SQLite keeps any value in any column."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong: the event it concerns (0 for none in particular), a stable name, and words."""

    event: int
    kind: str
    words: str


@dataclasses.dataclass(slots=True)
class Report:
    """Counts, the first faults by event, and the events that a crash kept out of the journal.

    ``size`` is that of the tree; ``heads``, ``unsealed`` events, ``pins`` and ``timestamps`` are counted as they are checked. ``retired``
    are the stretches that are gone rightly, with the people and the event behind each.
    """

    checked: int = 0
    first: int = 0
    last: int = 0
    lines: int = 0
    fault_count: int = 0
    faults: list[Fault] = dataclasses.field(default_factory=list)
    crash_count: int = 0
    crashes: list[int] = dataclasses.field(default_factory=list)
    size: int = 0
    heads: int = 0
    unsealed: int = 0
    pins: int = 0
    timestamps: int = 0
    retired: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Tell whether nothing is wrong; a crash between commit and journal is no fault of the log."""
        return self.fault_count == 0

    @property
    def first_bad(self) -> Fault | None:
        """The fault of the lowest event; faults of no event in particular come last."""
        return min(self.faults, key=lambda fault: (fault.event == 0, fault), default=None)

    def fault(self, event: int, kind: str, words: str) -> None:
        """Note a fault; only the lowest events' faults are kept in full."""
        self.fault_count += 1
        self.faults.append(Fault(event, kind, words))
        if len(self.faults) > KEPT:
            self.faults.remove(max(self.faults))

    @contextlib.contextmanager
    def reading(self, what: str) -> Iterator[None]:
        """Report what cannot be read at all, instead of giving up: whoever owns the tables must not be able to silence a verification."""
        try:
            yield
        except GARBLED as problem:
            logger.warning("%s cannot be read", what, exc_info=True)
            self.fault(
                0, "garbled", f"{what} cannot be read: it holds what nobody here writes ({type(problem).__name__})"
            )

    def crash(self, event: int) -> None:
        """Note an event without a journal line."""
        self.crash_count += 1
        if len(self.crashes) < KEPT:
            self.crashes.append(event)

    def empty(self) -> None:
        """Forget all that was noted."""
        anew = Report()
        for each in dataclasses.fields(self):
            setattr(self, each.name, getattr(anew, each.name))

    def take_in(self, other: Report) -> None:
        """Add what was found in another part of the log."""
        self.checked += other.checked
        self.unsealed += other.unsealed
        self.heads += other.heads
        self.first = min(self.first or other.first, other.first or self.first)
        self.last = max(self.last, other.last)
        self.fault_count += other.fault_count
        self.faults = sorted([*self.faults, *other.faults])[:KEPT]
        self.crash_count += other.crash_count
        self.crashes = sorted([*self.crashes, *other.crashes])[:KEPT]
        self.retired += [gone for gone in other.retired if gone not in self.retired]

    def as_json(self) -> dict[str, Any]:
        """Return everything for ``--json``."""
        first_bad = self.first_bad
        return {
            "intact": self.intact,
            "checked": self.checked,
            "first": self.first,
            "last": self.last,
            "lines": self.lines,
            "first_bad": first_bad and dataclasses.asdict(first_bad),
            "fault_count": self.fault_count,
            "faults": [dataclasses.asdict(fault) for fault in sorted(self.faults)],
            "crash_count": self.crash_count,
            "crashes": self.crashes,
            "sealed": self.size,
            "heads": self.heads,
            "unsealed": self.unsealed,
            "pins": self.pins,
            "timestamps": self.timestamps,
            "retired": self.retired,
        }
