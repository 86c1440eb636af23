"""Which statements each test sends to its database, and the least costly tests that send each of them.

The first pass of a run notes what every test asks; a later pass, on another kind of database, need not ask the same statement a
thousand times. Whatever commits, is skipped or fails in the first pass, or was not in it, runs in each pass.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TIMES = 1
"""How many of the chosen tests send a statement at least, where so many send it at all."""
_VALUES = re.compile(r"%s|\?|'(?:[^']|'')*'|(?<![\w.])\d+(?:\.\d+)?")
_ROWS = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*")
_MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def shape(sql: str) -> str:
    """A statement without its values, however many of them stand in a list."""
    return _ROWS.sub("(?)", _VALUES.sub("?", sql))


@dataclass(frozen=True)
class Note:
    """What one test of the first pass took: seconds, and the digests of the statements that it sent."""

    seconds: float
    sent: frozenset[str]


class Notes:
    """What the tests of this process send, by test."""

    def __init__(self) -> None:
        self.kept: dict[str, Note] = {}
        self._known: dict[str, str] = {}
        self._sent: set[str] = set()

    def begin(self) -> None:
        """A test begins."""
        self._sent = set()

    def end(self, test: str, seconds: float) -> None:
        """A test has passed."""
        self.kept[test] = Note(seconds, frozenset(self._sent))

    def listen(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        """Note from now on what a new connection is asked; a receiver of ``connection_created``."""
        if self._noted not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._noted)

    def _noted(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        if not text.startswith(_MARKS):
            self._sent.add(self._known.get(text) or self._known.setdefault(text, _digest(shape(text))))
        return execute(sql, params, many, context)

    def write(self, path: Path) -> None:
        """Keep the notes in a file."""
        path.write_text(json.dumps({test: [note.seconds, sorted(note.sent)] for test, note in self.kept.items()}))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def read(folder: Path) -> dict[str, Note]:
    """The notes of all processes of a pass."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        for test, (seconds, sent) in json.loads(path.read_text()).items():
            found[test] = Note(seconds, frozenset(sent))
    return found


def chosen(notes: Mapping[str, Note], always: Iterable[str] = (), times: int = TIMES) -> set[str]:
    """Tests that together send each statement so many times, or as often as any do; those that run ``always`` count.

    Greedy: of the tests that send something still wanted, the one with the most such statements a second. A test whose worth has
    fallen since it was weighed is weighed again before it is taken.
    """
    taken = {test for test in always if test in notes}
    had = Counter(each for test in taken for each in notes[test].sent)
    heap = [(-_worth(note, had, times), test) for test, note in notes.items() if test not in taken]
    heapify(heap)
    while heap:
        weighed, test = heappop(heap)
        worth = _worth(notes[test], had, times)
        if worth == 0:
            continue
        if heap and worth < -heap[0][0] and worth < -weighed:
            heappush(heap, (-worth, test))
            continue
        taken.add(test)
        had.update(notes[test].sent)
    return taken


def _worth(note: Note, had: Counter[str], times: int) -> float:
    return sum(had[each] < times for each in note.sent) / (note.seconds + 0.05)
