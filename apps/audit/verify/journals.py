"""The journal's lines, put in the order of events in a temporary file, so that any length fits in memory."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from apps.audit import journal
from apps.audit.verify.report import Report

LINE = re.compile(r"^([1-9][0-9]{0,17}|[1-8][0-9]{18}) ([0-9a-f]{64})\n", re.MULTILINE)

AT_A_TIME = 1 << 16  # characters
LARGEST = 2**63 - 1
WALK = "SELECT event, mac FROM line WHERE event > ? AND event <= ? ORDER BY event, mac"
TORN = re.compile(r"[0-9a-f ]{0,84}[ (torn)]{0,500} \(torn\)\n")


def _none(_event: int) -> bool:
    return False


class Lines:
    """All lines with numbers above ``since``, walked by ascending event number; stretches of them in processes of their own."""

    def __init__(self, report: Report, since: int) -> None:
        self._report = report
        self.retired: Callable[[int], bool] = _none
        self._file = tempfile.NamedTemporaryFile(prefix="loanflow-lines-")  # noqa: SIM115 - closed when all is walked
        with contextlib.closing(sqlite3.connect(self._file.name)) as store, store:
            store.execute("PRAGMA journal_mode = OFF")
            store.execute("CREATE TABLE line (event INTEGER, mac TEXT, PRIMARY KEY (event, mac)) WITHOUT ROWID")
            for path in sorted(journal.folder().glob("*.journal")):
                store.executemany("INSERT OR IGNORE INTO line VALUES (?, ?)", self._read(path, since))
        self._walk: Iterator[tuple[int, str]] = iter(())
        self._ahead: tuple[int, str] | None = None

    def begin(self, since: int, stop: int | None) -> None:
        """Walk the lines above a number, up to another or to their end."""
        self._store = sqlite3.connect(self._file.name)
        bounds = (since, LARGEST if stop is None else stop)
        self._walk = iter(self._store.execute(WALK, bounds))
        self._ahead = next(self._walk, None)

    def _read(self, path: Path, since: int) -> Iterator[tuple[str, str]]:
        with path.open(encoding="ascii", errors="replace") as file:
            before = 0
            while texts := file.readlines(AT_A_TIME):
                found = LINE.findall("".join(texts))
                if len(found) < len(texts):  # one at a time, to say which are no lines
                    found = self._readable(path, before, texts)
                if since:
                    found = [line for line in found if int(line[0]) > since]
                self._report.lines += len(found)
                before += len(texts)
                yield from found

    def _readable(self, path: Path, before: int, texts: list[str]) -> list[tuple[str, str]]:
        found = []
        for number, text in enumerate(texts, start=before + 1):
            line = LINE.fullmatch(text)
            if line is None:
                self._unreadable(path, number, text)
            else:
                found.append((line[1], line[2]))
        return found

    def _unreadable(self, path: Path, number: int, text: str) -> None:
        """A line marked as torn, or a last one without its end, is what a full device or a crash leaves."""
        if text.endswith("\n") and not TORN.fullmatch(text):
            self._report.fault(0, "journal", f"line {number} of {path.name} is not a journal's")

    def meet(self, event: int, mac: str) -> None:
        """Compare an event with its lines; lines passed over belong to events that are gone."""
        self._pass_over(event)
        found = False
        while self._ahead is not None and self._ahead[0] == event:
            found = True
            if self._ahead[1] != mac:
                self._report.fault(event, "journal", f"event {event} is not the one that the journal has seen")
            self._ahead = next(self._walk, None)
        if not found:
            self._report.crash(event)

    def finish(self) -> None:
        """Report what the journal has seen beyond the last event of the walk."""
        self._pass_over(None)
        self._store.close()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _pass_over(self, event: int | None) -> None:
        while self._ahead is not None and (event is None or self._ahead[0] < event):
            gone = self._ahead[0]
            if not self.retired(gone):
                self._report.fault(gone, "deleted", f"event {gone} stands in the journal but not in the log")
            self._ahead = next(self._walk, None)
