"""Verifies the whole log, or what was added to it: the events, in one process or several, then what is not of one event."""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Iterator

from django.db import OperationalError, connection

from apps.audit.codes import forget_keys
from apps.audit.verify import derived, outside
from apps.audit.verify.mapped import check_map
from apps.audit.verify.report import Report
from apps.audit.verify.spread import Progress, spread
from apps.audit.verify.stamps import check_timestamps
from apps.audit.verify.walk import Walk

WORTH_SPREADING = 20_000
ALLOCATED = 200_000
NO_TEXT = "Could not decode to UTF-8"
STRETCHES = 8  # a process: who is done early takes one more


def verify(*, since: int = 0, progress: Progress | None = None, processes: int = 1) -> Report:
    """Verify all events numbered above ``since``; ``progress`` is told how many more were checked.

    With several ``processes``, which no open transaction may surround, stretches of a long log are walked side by side, and
    the map beside them. Raises ``KeysUnavailable`` when the key service is away.
    """
    with _rarely_collecting():
        try:
            return _verified(since, progress or _nobody, processes)
        except OperationalError as problem:
            if NO_TEXT not in str(problem):
                raise
        with _any_text():
            return _verified(since, _nobody, 1)


def _verified(since: int, progress: Progress, processes: int) -> Report:
    report = Report()
    forget_keys()
    with report.reading("the table of signing keys"):
        outside.check_keys(report)
    with report.reading("the tables of heads, keys and retired stretches"):
        _check_events(report, since, progress, processes)
    _check_rest(report, since)
    return report


def _check_events(report: Report, since: int, progress: Progress, processes: int) -> None:
    """Check the events and what is made of them: tree, map, copies."""
    walk = Walk(report, since)
    beside = [functools.partial(check, report, since) for check in (_check_map, _check_copies)]
    tree: Report | None = None
    known: list[Report] = []
    if processes > 1 and walk.last - since >= WORTH_SPREADING:
        stretches = [functools.partial(walk.over, stretch) for stretch in walk.stretches(processes * STRETCHES)]
        tasks = [*beside, functools.partial(_check_tree, report, walk), *stretches]  # the long ones first
        found = spread(tasks, report, processes, progress)
        known, tree = found[: len(beside)], found[len(beside)]
        for one in found[len(beside) + 1 :]:
            report.take_in(one)
    else:
        walk.over((since, walk.last), progress)
    walk.close()
    with report.reading("the table of touched objects"):
        derived.check_beyond(report, walk.last, walk.retired)
    with report.reading("the table of leaves"):
        walk.seals.check_gone(walk.last)
    if tree is not None and tree.intact:
        report.take_in(tree)
    else:  # which event is to blame is told from what else is known
        _check_tree(report, walk, progress)
    for one in known:
        report.take_in(one)
    for check in beside if not known else ():
        check(progress)


def _check_rest(report: Report, since: int) -> None:
    """Check cosignatures and time-stamps where the whole log was asked for, pins, debts, locks."""
    with report.reading("the table of cosignatures, that of time-stamps or that of heads"):
        if not since:
            outside.check_cosignatures(report)
            check_timestamps(report)
        outside.check_pins(report)
    derived.check_debts(report)
    derived.check_locks(report)


def _check_tree(report: Report, walk: Walk, _progress: Progress) -> None:
    with report.reading("the tree of leaves and heads"):
        walk.seals.finish()


def _check_map(report: Report, since: int, _progress: Progress) -> None:
    if not since:
        with report.reading("the map of objects"):
            check_map(report)


def _check_copies(report: Report, since: int, _progress: Progress) -> None:
    with report.reading("the table of events"):
        derived.check_copies(report, since)


@contextlib.contextmanager
def _any_text() -> Iterator[None]:
    """Read what is no UTF-8 as what it is not, on SQLite, which keeps it and then refuses to give it out."""
    connection.ensure_connection()
    raw = connection.connection
    raw.text_factory = functools.partial(bytes.decode, errors="backslashreplace")
    try:
        yield
    finally:
        raw.text_factory = str


@contextlib.contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Look for garbage less often: nothing here makes cycles, and the search takes a fifth of the time."""
    before = gc.get_threshold()
    if before[0] >= ALLOCATED:  # by a verification around this one, which puts it back
        yield
        return
    gc.set_threshold(ALLOCATED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _nobody(_count: int) -> None:
    """Tell nobody."""
