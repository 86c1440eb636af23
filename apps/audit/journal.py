"""The journal: one line an event on an append-only device of its own, so that a deleted event is proved.

A line is the event's number and its code. Each process writes one file a day (``2026-11-22-<code key>.journal``); an act
adds all its lines by one ``write`` to a descriptor opened with ``O_APPEND``, right after its transaction has committed,
and waits for the device (``fsync``) unless ``LOANFLOW_JOURNAL_SYNC`` is false. A line without a row is a deletion; a row
without a line is a crash between the commit and the write. Of what a full device took only in part, the torn line is marked
as such when there is room again, and everything is written once more.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Unavailable

logger = logging.getLogger(__name__)

SPARE_BYTES, DAY = 1 << 16, 24 * 3600
TORN = " (torn)\n"
_lock = threading.Lock()
_gate = threading.Lock()
_waiting: list[str] = []
_opened: dict[str, tuple[int, str]] = {}
_unwritten: list[str] = []
_torn: list[int] = []
"""Descriptors whose file ends in the middle of a line."""


def folder() -> Path:
    """Where the journal lies."""
    return Path(settings.LOANFLOW_JOURNAL)


def ensure_writable(key: str) -> None:
    """Raise ``Unavailable`` unless the next line can be written: folder there, space left, earlier lines on the device."""
    with _lock:
        try:
            handle = _handle(key)
            space = os.fstatvfs(handle)
            if space.f_bavail * space.f_frsize < SPARE_BYTES:
                raise OSError("the journal's device is full")
            if _unwritten:
                _write(handle)
        except OSError as error:
            raise Unavailable(
                _("The journal of the audit log cannot be written. Nothing was done; tell the administrators.")
            ) from error


def append(key: str, lines: list[str]) -> None:
    """Add the lines of a committed act; lines that cannot be written now go first as soon as they can.

    Whoever comes while another thread waits for the device leaves its lines for the next to write: one ``fsync`` serves all
    of them, and nobody returns before its own lines are on the device.
    """
    with _gate:
        _waiting.extend(lines)
    with _lock:
        with _gate:
            _unwritten.extend(_waiting)
            _waiting.clear()
        if not _unwritten:  # the thread before took ours along
            return
        try:
            _write(_handle(key))
        except OSError:
            logger.exception("the journal cannot be written; acts are refused until it can")


def _write(handle: int) -> None:
    data = (TORN if handle in _torn else "") + "".join(f"{line}\n" for line in _unwritten)
    taken = os.write(handle, data.encode())
    if taken != len(data):  # a line is ASCII
        _torn[:] = [handle] if taken or handle in _torn else []
        raise OSError("the journal's device took only a part")
    _torn.clear()
    if getattr(settings, "LOANFLOW_JOURNAL_SYNC", True):
        os.fsync(handle)
    _unwritten.clear()


def _handle(key: str) -> int:
    """Descriptor of today's file, opened anew when the day, the folder or the file itself has gone."""
    # of the real day, wherever the demo's clock stands
    path = f"{settings.LOANFLOW_JOURNAL}/{_day(int(time.time()) // DAY)}-{key}.journal"
    known = _opened.get(key)
    if known is not None and known[1] == path and os.path.exists(path):
        return known[0]
    if known is not None:
        os.close(_opened.pop(key)[0])
        _torn.clear()
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _opened[key] = (handle, path)
    return handle


@functools.lru_cache(maxsize=2)
def _day(number: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(number * DAY))


def forget_after_fork() -> None:
    """Start a forked child with no descriptors and no lines of its parent."""
    global _lock, _gate
    _lock, _gate = threading.Lock(), threading.Lock()
    _waiting.clear()
    _opened.clear()
    _unwritten.clear()
    _torn.clear()


os.register_at_fork(after_in_child=forget_after_fork)
