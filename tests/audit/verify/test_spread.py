"""A verification spread over processes: everything reported comes back, and a process that dies is never a clean bill."""

from __future__ import annotations

import functools
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.audit.verify import Report, verify
from apps.audit.verify.spread import Progress, Unfinished, spread
from apps.vault.errors import KeysUnavailable
from tests.audit.factories import SYSTEM, branch, rename


def reporting(report: Report, event: int, progress: Progress) -> None:
    report.fault(event, "code", f"event {event}")
    report.checked += 1
    progress(event)


def failing(report: Report, problem: Exception, _progress: Progress) -> None:
    raise problem


def dying(report: Report, code: int, progress: Progress) -> None:
    reporting(report, 1, progress)
    os._exit(code)


def naming(report: Report, path: Path, _progress: Progress) -> None:
    path.write_text(str(os.getpid()))
    report.checked += 1


def lingering(report: Report, path: Path, progress: Progress) -> None:
    naming(report, path, progress)
    time.sleep(0.2)


def nobody(_count: int) -> None:
    pass


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(happens: Callable[[], bool], patience: float = 20) -> None:
    end = time.monotonic() + patience
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_each_task_gives_a_report_of_its_own_in_the_order_of_the_tasks(processes: int):
    report, seen = Report(), list[int]()
    report.fault(7, "code", "of the parent")
    found = spread([functools.partial(reporting, report, event) for event in (3, 1, 2)], report, processes, seen.append)
    assert [[fault.event for fault in one.faults] for one in found] == [[3], [1], [2]]
    assert [one.checked for one in found] == [1, 1, 1]
    assert sorted(seen) == [1, 2, 3]
    assert [fault.event for fault in report.faults] == [7]


def test_what_a_task_raises_is_raised_and_the_others_are_stopped():
    report = Report()
    tasks: list[Any] = [functools.partial(failing, report, KeysUnavailable("away"))]
    tasks += [functools.partial(reporting, report, 1)] * 3
    with pytest.raises(KeysUnavailable, match="away"):
        spread(tasks, report, 2, nobody)


class Unhandable(Exception):
    def __init__(self, *, why: str) -> None:
        super().__init__(why)


def test_an_exception_that_no_process_can_hand_over_is_told_of() -> None:
    report = Report()
    with pytest.raises(Unfinished, match="Unhandable: for a reason"):
        spread([functools.partial(failing, report, Unhandable(why="for a reason"))], report, 2, nobody)


@pytest.mark.parametrize("code", [0, 1])
def test_a_process_that_dies_is_an_error_whatever_it_had_found(code: int):
    report = Report()
    with pytest.raises(Unfinished):
        spread([functools.partial(dying, report, code)], report, 2, nobody)


def test_no_more_processes_are_forked_than_may_run_and_each_report_is_of_one_task_only(tmp_path: Path):
    report = Report()
    tasks = [functools.partial(naming, report, tmp_path / str(number)) for number in range(7)]
    found = spread(tasks, report, 2, nobody)
    forked = {path.read_text() for path in tmp_path.iterdir()}
    assert (len(list(tmp_path.iterdir())), 1 <= len(forked) <= 2, str(os.getpid()) in forked) == (7, True, False)
    assert [one.checked for one in found] == [1] * 7


def test_no_process_outlives_a_parent_that_is_killed(tmp_path: Path):
    report = Report()
    connections.close_all()
    parent = os.fork()
    if not parent:
        spread([functools.partial(lingering, report, tmp_path / str(number)) for number in range(2)], report, 2, nobody)
        os._exit(0)
    names = [tmp_path / "0", tmp_path / "1"]
    until(lambda: all(name.exists() and name.read_text() for name in names))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    for name in names:
        until(lambda name=name: not is_running(int(name.read_text())))


def test_reports_are_added_up():
    report, other = Report(), Report()
    for event in range(1, 80):
        report.fault(event * 2, "code", "x")
        other.fault(event * 2 + 1, "code", "x")
        report.crash(event * 2)
        other.crash(event)
    report.checked, report.first, report.last, report.unsealed, report.heads = 5, 6, 10, 1, 2
    other.checked, other.first, other.last, other.unsealed, other.heads = 3, 2, 4, 2, 4
    gone = {"first": 1, "last": 3}
    report.retired, other.retired = [gone], [gone, {"first": 4, "last": 5}]
    report.take_in(other)
    assert (report.fault_count, [fault.event for fault in report.faults]) == (158, list(range(2, 102)))
    assert (report.crash_count, len(report.crashes), report.crashes[:3]) == (158, 100, [1, 2, 2])
    assert (report.checked, report.first, report.last, report.unsealed, report.heads) == (8, 2, 10, 3, 6)
    assert report.retired == [gone, {"first": 4, "last": 5}]
    empty = Report()
    empty.take_in(report)
    assert empty.as_json() == report.as_json()
    report.empty()
    assert report.as_json() == Report().as_json()


def test_a_chain_of_events_is_followed_from_one_stretch_into_the_next(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
):
    row = branch()
    for number in range(12):
        rename(row, f"Name {number}")
        with act(actor=SYSTEM):
            record(Tag.SIGNED_IN, actor=SYSTEM)
    monkeypatch.setattr("apps.audit.verify.run.WORTH_SPREADING", 0)
    monkeypatch.setattr("apps.audit.verify.run.STRETCHES", 2)
    seen: list[int] = []
    report = verify(processes=3, progress=seen.append)
    assert (report.intact, report.checked, sum(seen), report.crash_count) == (True, 25, 25, 0)
    assert report.as_json() == verify().as_json()
