"""Which statements each test sends to its database, and the least costly tests that send each of them.

The first pass of a run notes what the product asks and what anybody writes in every test; a later pass, on another kind of database, need
not send the same statement a thousand times. Whatever commits, is skipped or fails in the first pass, or was not in it, runs in each pass.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from linecache import getline
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TIMES = 1
"""How many of the chosen tests send a statement at least, where so many send it at all."""
_VALUES = re.compile(r"%s|\?|'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?")
_ROWS = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*")
_ROOT = Path(__file__).resolve().parent.parent
_PRODUCT, _TESTS = (f"{_ROOT / 'apps'}/", f"{_ROOT / 'loanflow'}/"), f"{_ROOT / 'tests'}/"
_OWN = (".objects", "_base_manager", "_default_manager", "refresh_from_db")
_MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def shape(sql: str) -> str:
    """A statement without its values, however many of them stand in a list."""
    return _ROWS.sub("(?)", _VALUES.sub("?", sql))


@dataclass(frozen=True)
class Note:
    """What one test of the first pass took, or what a module's tests share: seconds, and the digests of the statements sent."""

    seconds: float
    sent: frozenset[str]


@dataclass
class Pass:
    """The notes of a pass: of each test by itself, and of what is set up for several tests of a module; which of it each test uses."""

    tests: dict[str, Note] = field(default_factory=dict)
    worlds: dict[str, Note] = field(default_factory=dict)
    uses: dict[str, frozenset[str]] = field(default_factory=dict)

    def worlds_of(self, test: str) -> frozenset[str]:
        """What a test shares with others."""
        return self.uses.get(test, frozenset()) & self.worlds.keys()


NOTHING = Note(0, frozenset())


class Notes:
    """What the tests of this process send, by test."""

    def __init__(self) -> None:
        self.kept = Pass()
        self._known: dict[str, str] = {}
        self._sent: set[str] = set()
        self._aside = 0.0

    def begin(self) -> None:
        """A test begins."""
        self._sent, self._aside = set(), 0.0

    def end(self, test: str, seconds: float) -> None:
        """A test has passed; what was shared is not counted as its own."""
        self.kept.tests[test] = Note(max(0.0, seconds - self._aside), frozenset(self._sent))

    @contextmanager
    def shared(self, by: str) -> Iterator[None]:
        """What happens inside is done for all tests of a module, or of a run."""
        around, self._sent = self._sent, set()
        before, began = self._aside, monotonic()
        try:
            yield
        finally:
            spent, known = monotonic() - began, self.kept.worlds.get(by, NOTHING)
            own = spent - (self._aside - before)
            self.kept.worlds[by] = Note(known.seconds + own, known.sent | self._sent)
            self._sent, self._aside = around, before + spent

    def listen(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        """Note from now on what a new connection is asked; a receiver of ``connection_created``."""
        if self._noted not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._noted)

    def _noted(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        if not text.startswith(_MARKS) and not (text.startswith("SELECT") and _is_asked_by_a_test(sys._getframe(1))):
            self._sent.add(self._known.get(text) or self._known.setdefault(text, _digest(shape(text))))
        return execute(sql, params, many, context)

    def write(self, path: Path) -> None:
        """Keep the notes in a file."""
        each = {"tests": self.kept.tests, "worlds": self.kept.worlds}
        path.write_text(
            json.dumps(
                {
                    kind: {name: [note.seconds, sorted(note.sent)] for name, note in notes.items()}
                    for kind, notes in each.items()
                }
            )
        )


def _is_asked_by_a_test(frame: FrameType | None) -> bool:
    """Tell whether a test itself asks, of a model's manager or a row; what the product has made ready and a test only reads is the product's,
    and what a test writes is held against each database.
    """
    while frame is not None:
        place = frame.f_code.co_filename
        if place.startswith(_PRODUCT):
            return False
        if place.startswith(_TESTS) and place != __file__:
            return any(own in getline(place, frame.f_lineno) for own in _OWN)
        frame = frame.f_back
    return False


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def read(folder: Path) -> Pass:
    """The notes of all processes of a pass; who waited for another while a world was made noted too much of it."""
    found = Pass()
    for path in sorted(folder.glob("*.json")):
        noted = json.loads(path.read_text())
        found.tests |= {test: Note(seconds, frozenset(sent)) for test, (seconds, sent) in noted["tests"].items()}
        for module, (seconds, sent) in noted["worlds"].items():
            known = found.worlds.get(module, Note(seconds, frozenset()))
            found.worlds[module] = Note(min(known.seconds, seconds), known.sent | frozenset(sent))
    return found


def chosen(notes: Pass, always: Iterable[str] = (), times: int = TIMES) -> set[str]:
    """Tests that together send each statement so many times, or as often as any do; those that run ``always`` count.

    Greedy: of the tests that send something still wanted, the one with the most such statements a second. The first test that uses what
    several share costs, and sends, that as well. A test whose worth has fallen since it was weighed is weighed again
    before it is taken; one for which something has been set up meanwhile is worth more, and weighed at once. In the end whatever the
    others together send as well is left out again, the costliest first.
    """
    choice, wanted = _Choice(notes, times), notes.tests.keys() & set(always)
    for test in wanted:
        choice.take(test)
    heap = [(-choice.worth(test), test) for test in notes.tests if test not in choice.taken]
    heapify(heap)
    while heap:
        weighed, test = heappop(heap)
        worth = 0.0 if test in choice.taken else choice.worth(test)
        if worth == 0:
            continue
        if heap and worth < -heap[0][0] and worth < -weighed:
            heappush(heap, (-worth, test))
            continue
        for other in choice.take(test):
            heappush(heap, (-choice.worth(other), other))
    return choice.taken - choice.spare(wanted)


class _Choice:
    """What has been taken so far, and what another test would add."""

    def __init__(self, notes: Pass, times: int) -> None:
        self._notes, self._times = notes, times
        self._had: Counter[str] = Counter()
        self._closed: dict[str, list[str]] = {}
        self.taken: set[str] = set()
        for test in notes.tests:
            for world in notes.worlds_of(test):
                self._closed.setdefault(world, []).append(test)

    def take(self, test: str) -> list[str]:
        """Take a test; returns the others that use what is set up for it."""
        self.taken.add(test)
        self._had.update(self._notes.tests[test].sent)
        others: list[str] = []
        for world in self._notes.worlds_of(test) & self._closed.keys():
            self._had.update(self._notes.worlds[world].sent)
            others += self._closed.pop(world)
        return [other for other in dict.fromkeys(others) if other not in self.taken]

    def worth(self, test: str) -> float:
        """Statements still wanted that a test would send, a second."""
        own = self._notes.tests[test]
        to_open = [self._notes.worlds[world] for world in self._notes.worlds_of(test) & self._closed.keys()]
        sent = own.sent.union(*(world.sent for world in to_open))
        seconds = own.seconds + sum(world.seconds for world in to_open)
        return sum(self._had[each] < self._times for each in sent) / (seconds + 0.05)

    def spare(self, wanted: Collection[str]) -> set[str]:
        """Tests taken, but for those wanted whatever they send, without which each statement is still sent as often as asked for."""
        uses = Counter(world for test in self.taken for world in self._notes.worlds_of(test))
        spared: set[str] = set()
        for test in sorted(self.taken - set(wanted), key=lambda each: (-self._notes.tests[each].seconds, each)):
            worlds = self._notes.worlds_of(test)
            lost = Counter(self._notes.tests[test].sent)
            for world in worlds:
                lost.update(self._notes.worlds[world].sent if uses[world] == 1 else ())
            if all(self._had[each] - often >= self._times for each, often in lost.items()):
                spared.add(test)
                self._had -= lost
                uses.subtract(worlds)
        return spared


NOTES = Notes()
"""Those of this process."""
