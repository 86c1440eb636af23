"""How far this host's clock is from synchronised time: what chrony says, else the kernel; never a guess.

Wall time, whatever the demo's clock says. The answer is kept for a minute.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import time

KEPT = 60.0  # seconds
PATIENCE = 2.0  # seconds for chrony to answer
UNSYNCHRONISED = 0x40  # STA_UNSYNC of <sys/timex.h>
NANOSECONDS = 0x2000  # STA_NANO
NOT_SYNCHRONISED = 5  # TIME_ERROR, what adjtimex() returns then
SYSTEM_TIME = 4  # field of "chronyc -c tracking": seconds that the clock is behind synchronised time
LEAP_STATUS = 13
ALARM = 1_000_000  # microseconds


class _Timex(ctypes.Structure):
    """The beginning of ``struct timex``, and room for its rest."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    ]


def clock_offset() -> int | None:
    """Microseconds that this host's clock is ahead (negative: behind); ``None`` where nothing synchronises it."""
    return _measured(int(time.monotonic() // KEPT))


@functools.lru_cache(maxsize=1)
def _measured(_minute: int) -> int | None:
    found = from_chrony()
    return from_kernel() if found is None else found


def from_chrony() -> int | None:
    """What chrony knows; ``None`` where it does not run or is not synchronised itself."""
    program = shutil.which("chronyc")
    if program is None:
        return None
    try:
        answer = subprocess.run(
            [program, "-c", "tracking"], capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read_tracking(answer.stdout)


def read_tracking(line: str) -> int | None:
    """Read chrony's line of comma-separated fields."""
    fields = line.strip().split(",")
    if len(fields) <= LEAP_STATUS or fields[LEAP_STATUS] == "Not synchronised":
        return None
    try:
        return -round(float(fields[SYSTEM_TIME]) * 1_000_000)
    except (ValueError, OverflowError):
        return None


def from_kernel() -> int | None:
    """What the kernel's own clock discipline knows (``adjtimex``); ``None`` where it is not kept synchronised."""
    adjust = getattr(ctypes.CDLL(None), "adjtimex", None) if os.name == "posix" else None
    if adjust is None:
        return None
    state = _Timex()
    if adjust(ctypes.byref(state)) in {-1, NOT_SYNCHRONISED}:
        return None
    return read_timex(state.status, state.offset)


def read_timex(status: int, offset: int) -> int | None:
    """Turn the kernel's status and offset (what it still has to add, in micro- or nanoseconds) into ours."""
    if status & UNSYNCHRONISED:
        return None
    return -(offset // 1000 if status & NANOSECONDS else offset)


def is_alarming(offset: int | None) -> bool:
    """Tell whether a clock is more than a second off."""
    return offset is not None and abs(offset) > ALARM


def forget() -> None:
    """Measure anew at the next call."""
    _measured.cache_clear()
