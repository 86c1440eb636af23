"""Spreads a verification over processes: each is forked for one task, reports into an empty report and hands it back.

A process that dies is an error, never a task without faults.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    running: dict[Connection, tuple[int, ForkProcess]] = {}
    done: dict[int, Report] = {}
    started = 0
    try:
        while len(done) < len(tasks):
            while started < len(tasks) and len(running) < processes:
                ours, process = _started(tasks[started], report)
                running[ours] = (started, process)
                started += 1
            for ready in [child for child in wait(list(running)) if isinstance(child, Connection)]:
                told = _told(ready)
                if isinstance(told, int):
                    progress(told)
                else:
                    number, process = running.pop(ready)
                    process.join()
                    done[number] = told
    finally:
        for _number, process in running.values():
            process.kill()
            process.join()
    return [done[number] for number in range(len(tasks))]


def _started(task: Task, report: Report) -> tuple[Connection, ForkProcess]:
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, report, theirs))
    process.start()
    theirs.close()
    return ours, process


def _work(task: Task, report: Report, parent: Connection) -> None:
    """Do a task in a process of its own: the report is this process's copy, emptied of what its parent has found."""
    report.empty()
    try:
        task(parent.send)
        told: Report | Exception = report
    except Exception as raised:  # noqa: BLE001 - raised again by the parent
        told = raised
    parent.send(told)
    connections.close_all()


def _told(child: Connection) -> int | Report:
    try:
        told = child.recv()
    except EOFError:
        raise Unfinished("a process that verified a part of the log has died") from None
    if isinstance(told, Exception):
        raise told
    return told  # type: ignore[no-any-return]
