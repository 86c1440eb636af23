"""Spreads a verification over processes: each takes one task after another, reports it in an empty report and hands that back.

A process that dies is an error, never a task without faults.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from django.db import connections

from apps.audit.verify.report import Report

Progress = Callable[[int], object]
Task = Callable[[Progress], None]


class Unfinished(RuntimeError):
    """A process that verified has died, so that nothing is known of its part."""


def spread(tasks: Sequence[Task], report: Report, processes: int, progress: Progress) -> list[Report]:
    """Do tasks that write into ``report``, at most so many at a time; returns what each has reported, in their order.

    Raises what a task has raised, and ``Unfinished``.
    """
    connections.close_all()  # a connection must not be used on both sides of a fork
    running: dict[Connection, ForkProcess] = {}
    busy: dict[Connection, int] = {}
    done: dict[int, Report] = {}
    left = iter(range(len(tasks)))
    try:
        for _process in range(min(processes, len(tasks))):
            _start(tasks, report, running)
        for idle in running:
            _hand_out(idle, left, busy)
        while busy:
            for ready in [child for child in wait(list(busy)) if isinstance(child, Connection)]:
                told = _told(ready)
                if isinstance(told, int):
                    progress(told)
                else:
                    done[busy.pop(ready)] = told
                    _hand_out(ready, left, busy)
        for process in running.values():  # they have been told that nothing is left
            process.join()
    finally:
        for ours, process in running.items():
            process.kill()
            process.join()
            ours.close()
    return [done[number] for number in range(len(tasks))]


def _start(tasks: Sequence[Task], report: Report, running: dict[Connection, ForkProcess]) -> None:
    """Fork a process; it lets go of its parent's ends, of which one left open would keep it waiting for a parent that has died."""
    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(tasks, report, theirs, [*running, ours]))
    process.start()
    theirs.close()
    running[ours] = process


def _hand_out(idle: Connection, left: Iterator[int], busy: dict[Connection, int]) -> None:
    """Give a process its next task, or tell it that there is none."""
    number = next(left, None)
    try:
        idle.send(number)
    except BrokenPipeError:
        if number is not None:
            raise Unfinished("a process that verified a part of the log has died") from None
    if number is not None:
        busy[idle] = number


def _work(tasks: Sequence[Task], report: Report, parent: Connection, others: Sequence[Connection]) -> None:
    """Do tasks in a process of its own: the report is this process's copy, emptied before each."""
    for other in others:
        other.close()
    try:
        while (number := parent.recv()) is not None:
            parent.send(_done(tasks[number], report, parent))
    except EOFError:  # the parent has died
        pass
    connections.close_all()


def _done(task: Task, report: Report, parent: Connection) -> Report | Exception:
    report.empty()
    try:
        task(parent.send)
    except Exception as raised:  # noqa: BLE001 - raised again by the parent
        try:
            pickle.loads(pickle.dumps(raised))  # noqa: S301 - our own
        except Exception:  # noqa: BLE001 - one that cannot be handed over is told of
            return Unfinished(f"{type(raised).__name__}: {raised}")
        return raised
    return report


def _told(child: Connection) -> int | Report:
    try:
        told = child.recv()
    except (EOFError, ConnectionResetError):
        raise Unfinished("a process that verified a part of the log has died") from None
    if isinstance(told, Exception):
        raise told
    return told  # type: ignore[no-any-return]
