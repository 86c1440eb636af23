"""Runs a script of ours in a cage: no more memory, time, files, network, processes or words to others than it needs.

``python -I cage.py SCRIPT`` limits itself, loads the script, and calls its ``main(lock)``. The script calls ``lock()`` once it
has what it needs and before it looks at what a stranger has sent; from then on the kernel denies every call that is not in
``CALLS``, and opens nothing but fonts. What cannot be locked does not run: the exit code is ``UNCONFINED``. Linux only.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import resource
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

UNCONFINED = 6
MEMORY = 1 << 30
SECONDS = 8
OPEN_FILES = 32
MOST_SAID = 32 << 20  # bytes of the answer; nothing else can be written to
NOBODY = 65534
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
"""Where a page may find letters that its file does not bring."""

CALLS: dict[str, tuple[int, int]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222), "mprotect": (10, 226),
    "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "pread64": (17, 67), "readv": (19, 65), "writev": (20, 66), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233),
    "getpid": (39, 172), "exit": (60, 93), "gettimeofday": (96, 169), "getrusage": (98, 165), "sysinfo": (99, 179),
    "sigaltstack": (131, 132), "gettid": (186, 178), "futex": (202, 98), "sched_getaffinity": (204, 123), "clock_gettime": (228, 113),
    "exit_group": (231, 94), "newfstatat": (262, 79), "getrandom": (318, 278),
}  # fmt: skip
"""System calls that stay allowed, by their numbers on each kind of machine."""
OPENING: dict[str, tuple[int, int]] = {"getdents64": (217, 61), "openat": (257, 56)}
"""Allowed as well where Landlock says which folders may be read."""
SECCOMP = (317, 277)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the numbers above, and the kernel's own name of the machine."""

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION, LANDLOCK_PATH_BENEATH = 1, 1
EVERY_ACCESS, READING = (1 << 13) - 1, (1 << 2) | (1 << 3)
"""Of files: everything that the first version of Landlock knows, and reading of files and folders."""
FILTER_MODE, ALL_THREADS = 1, 1
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_AT, MACHINE_AT = 0, 4
ALLOW, DENY, KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000

Step = tuple[int, int, int, int]


class CannotConfine(Exception):
    """The kernel does not give what the cage is made of."""


class Instruction(ctypes.Structure):
    """One step of a filter, as the kernel reads it."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class Program(ctypes.Structure):
    """A filter, as the kernel reads it."""

    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Instruction)))


class Beneath(ctypes.Structure):
    """What is allowed beneath a folder."""

    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


def limit() -> None:
    """Give up the right to much memory, time and files; to long answers, other processes and a core altogether."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_NOFILE, OPEN_FILES), (resource.RLIMIT_FSIZE, MOST_SAID),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def lock() -> None:
    """Shut the door; raises ``CannotConfine`` where the kernel does not do it."""
    try:
        _lock(*_machine())
    except OSError as error:
        raise CannotConfine(str(error)) from error


def _lock(column: int, machine: int) -> None:
    _control(PR_SET_NO_NEW_PRIVS, 1)
    opens = _fonts_only()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _control(PR_SET_DUMPABLE, 0)
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)
    allowed = [numbers[column] for numbers in (CALLS | OPENING if opens else CALLS).values()]
    _filter(program(machine, allowed), SECCOMP[column])


def program(machine: int, allowed: Iterable[int]) -> list[Step]:
    """The filter: another kind of machine's calls kill, the allowed ones pass, every other fails with EPERM."""
    passing = [step for number in allowed for step in ((EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW))]
    return [
        (LOAD, 0, 0, MACHINE_AT), (EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER_AT), *passing, (RETURN, 0, 0, DENY),
    ]  # fmt: skip


def _machine() -> tuple[int, int]:
    found = MACHINES.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 1 << 32 else None
    if found is None:
        raise CannotConfine(f"no filter for {sys.platform} on {platform.machine()}")
    return found


def _fonts_only() -> bool:
    """Let files be read beneath the folders of fonts alone; tells whether this kernel can say so."""
    if _asked(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION) < 1:
        return False
    handled = ctypes.c_uint64(EVERY_ACCESS)
    rules = _done(LANDLOCK_CREATE, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    for place in filter(os.path.isdir, FONTS):
        folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
        _done(LANDLOCK_ADD, rules, LANDLOCK_PATH_BENEATH, ctypes.byref(Beneath(READING, folder)), 0)
        os.close(folder)
    _done(LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
    return True


def _filter(steps: list[Step], seccomp: int) -> None:
    made = (Instruction * len(steps))(*(Instruction(*step) for step in steps))
    _done(seccomp, FILTER_MODE, ALL_THREADS, ctypes.byref(Program(len(steps), made)))


def _control(what: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(what, value, 0, 0, 0):
        raise CannotConfine(f"prctl {what}: {os.strerror(ctypes.get_errno())}")


def _asked(number: int, *values: Any) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *values))


def _done(number: int, *values: Any) -> int:
    """What a system call returns; anything but success raises (a filter that cannot reach a thread returns its number)."""
    found = _asked(number, *values)
    if found < 0 or (number in SECCOMP and found):
        raise CannotConfine(f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return found


def main(script: str) -> int:
    """Run the script's ``main`` in the cage; whatever goes wrong before it is locked says ``UNCONFINED``."""
    try:
        limit()
        spec = importlib.util.spec_from_file_location("caged", script)
        if spec is None or spec.loader is None:
            raise CannotConfine(f"{Path(script).name} is no script")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        work: Callable[[Callable[[], None]], int] = module.main
    except (CannotConfine, OSError, ValueError):
        return UNCONFINED
    try:
        return work(lock)
    except CannotConfine:
        return UNCONFINED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
