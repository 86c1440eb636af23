"""What looks at strangers' files sits in a cage: it reads, writes, sends and starts nothing, and without a cage it does not run."""

from __future__ import annotations

import json
import logging
import os
import signal
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.core.showing import CannotShow, cage, drawing
from apps.core.showing.drawing import SLOW, UNCONFINED, WORDS, caged, shape_of

DENIED, DONE = 40, 0
SCRIPT = """
import ctypes, os, resource, signal, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)

def called(*what):
    if what[0](*what[1:]) == -1:
        raise OSError(ctypes.get_errno(), "denied")

def main(lock):
    parent = os.getppid()
    inside = os.open("/proc/self/fd", os.O_RDONLY)
    lock()
    try:
        {attempt}
    except (OSError, RuntimeError, ImportError, MemoryError) as error:
        return 40
    return 0
"""
FORBIDDEN = {
    "reading a file": "open('/etc/passwd').read()",
    "reading its environment": "open('/proc/self/environ').read()",
    "reading another's memory": "open(f'/proc/{parent}/mem', 'rb').read(1)",
    "looking around": "os.listdir('/')",
    "looking through a folder that was open": "os.listdir(inside)",
    "writing a file": "open('/tmp/loanflow-cage', 'w')",
    "writing among the fonts": "open('/usr/share/fonts/x', 'w')",
    "making a folder": "os.mkdir('/tmp/loanflow-cage')",
    "removing": "os.unlink('/tmp/loanflow-cage-none')",
    "linking": "os.symlink('/etc/passwd', '/tmp/loanflow-cage')",
    "changing rights": "os.chmod('/tmp', 0o777)",
    "a connection": "socket.socket()",
    "a connection to itself": "socket.socketpair()",
    "a child": "os.fork()",
    "a thread": "threading.Thread(target=int).start()",
    "another program": "os.execv('/bin/true', ['true'])",
    "a signal to its parent": "os.kill(parent, 0)",
    "a signal to anybody": "os.kill(-1, 0)",
    "watching its parent": "called(libc.ptrace, 16, parent, 0, 0)",
    "taking from its parent's memory": "called(libc.process_vm_readv, parent, None, 0, None, 0, 0)",
    "other rights": "os.setuid(0)",
    "a namespace": "called(libc.unshare, 0x10000000)",
    "limits of its parent": "called(libc.prlimit, parent, 9, None, None)",
    "more memory": "called(libc.setrlimit, 9, (ctypes.c_ulong * 2)(-1, -1))",
    "much memory": "bytes(2 << 30)",
    "a file without a name": "os.memfd_create('x')",
    "another filter": "called(libc.prctl, 38, 1, 0, 0, 0)",
    "a module that it did not load": "import wave",
    "a long answer": "os.truncate(1, 64 << 20)",
    "an endless answer": "[os.write(1, bytes(1 << 20)) for _each in range(40)]",
}


def script(folder: Path, text: str) -> Path:
    made = folder / "script.py"
    made.write_text(text)
    return made


@pytest.mark.parametrize("name", FORBIDDEN)
def test_behind_the_door_everything_but_reading_and_answering_is_denied(name: str, tmp_path: Path) -> None:
    code, made = caged(script(tmp_path, SCRIPT.format(attempt=FORBIDDEN[name])), b"")
    assert code == DENIED
    assert len(made) <= cage.MOST_SAID


@pytest.mark.parametrize("attempt", ["os.write(1, os.read(0, 99))", "bytes(1 << 20)", "os.getpid()", "os.urandom(8)"])
def test_what_it_needs_it_may(attempt: str, tmp_path: Path) -> None:
    code, made = caged(script(tmp_path, SCRIPT.format(attempt=attempt)), b"asked")
    assert (code, made) == (DONE, b"asked" if "write" in attempt else b"")


def test_letters_of_the_system_may_be_read_where_the_kernel_knows_folders(tmp_path: Path) -> None:
    if not any(map(os.path.isdir, cage.FONTS)):
        pytest.skip("this machine has no folder of fonts")
    first = next(filter(os.path.isdir, cage.FONTS))
    probe = SCRIPT.format(attempt=f"os.listdir({first!r})")
    knows = cage._asked(cage.LANDLOCK_CREATE, None, 0, cage.LANDLOCK_VERSION) > 0
    assert caged(script(tmp_path, probe), b"")[0] == (DONE if knows else DENIED)


def test_it_begins_without_our_environment_and_our_descriptors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANFLOW_SECRET_KEY", "canary")
    told = """
        import json, os, resource, sys
        def main(lock):
            seen = [int(each) for each in os.listdir("/proc/self/fd")]
            open_ones = [each for each in seen if os.path.exists(f"/proc/self/fd/{each}")]
            limits = [resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in ("AS", "CPU", "CORE", "NPROC")]
            lock()
            print(json.dumps([sorted(os.environ), open_ones, limits, os.getuid()]))
            return 0
    """
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        code, made = caged(script(tmp_path, textwrap.dedent(told)), b"")
    assert code == 0
    environment, descriptors, limits, user = json.loads(made)
    assert set(environment) <= {"LC_CTYPE"}
    assert descriptors == [0, 1, 2]
    assert limits == [[cage.MEMORY, cage.MEMORY], [cage.SECONDS, cage.SECONDS], [0, 0], [0, 0]]
    assert user != 0


@pytest.mark.parametrize("kept", ["while True: pass", "os.close(1)\n        while True: pass"])
def test_what_does_not_end_is_ended(kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.7)
    with pytest.raises(CannotShow) as refused:
        caged(script(tmp_path, SCRIPT.format(attempt=kept)), b"")
    assert str(refused.value) == str(SLOW)


# -- without a cage nothing is drawn

BROKEN = {
    "another system": ('sys.platform == "linux"', 'sys.platform == "other"'),
    "another machine": ("MACHINES.get(platform.machine())", 'MACHINES.get("m68k")'),
    "no new rights cannot be given up": ("PR_SET_NO_NEW_PRIVS, 1)", "9999, 1)"),
    "no filter is taken": ("FILTER_MODE, ALL_THREADS = 1, 1", "FILTER_MODE, ALL_THREADS = 77, 1"),
    "a filter is not understood": ("LOAD, EQUAL, RETURN = 0x20", "LOAD, EQUAL, RETURN = 0xFFFF"),
    "a folder's rule is not taken": ("EVERY_ACCESS, READING = (1 << 13) - 1, (1 << 2)", "EVERY_ACCESS, READING = 4, (1 << 60)"),
    "a limit is not taken": ("resource.setrlimit(what, (most, most))", "resource.setrlimit(what, (most + 1, most))"),
    "the kernel refuses": ("PR_SET_DUMPABLE, 0)", "PR_SET_DUMPABLE, 0); raise OSError"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_where_the_door_does_not_shut_nothing_is_looked_at(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before, after = BROKEN[name]
    text = drawing.CAGE.read_text()
    assert before in text
    monkeypatch.setattr(drawing, "CAGE", tmp_path / "cage.py")
    drawing.CAGE.write_text(text.replace(before, after))
    with caplog.at_level(logging.ERROR), pytest.raises(CannotShow) as refused:
        shape_of(b"%PDF-1.7", "application/pdf", width=600)
    assert str(refused.value) == str(WORDS[UNCONFINED])
    assert "confine" in caplog.text


def test_without_landlock_no_file_at_all_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawing.CAGE.read_text()
    monkeypatch.setattr(drawing, "CAGE", tmp_path / "cage.py")
    drawing.CAGE.write_text(text.replace("LANDLOCK_VERSION) < 1", "LANDLOCK_VERSION) < 99999"))
    folder = tmp_path / "scripts"
    folder.mkdir()
    for attempt in ("os.listdir('/usr/share')", "open('/etc/passwd')", "socket.socket()"):
        assert caged(script(folder, SCRIPT.format(attempt=attempt)), b"")[0] == DENIED


def test_where_there_is_no_nameless_memory_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    assert caged(Path("/nowhere"), b"") == (UNCONFINED, b"")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def main(lock): return 5", 5),
        ("import no_such_module_here", 1),
        ("def main(lock): raise KeyError", 1),
    ],
)
def test_a_script_says_how_it_ends(text: str, code: int, tmp_path: Path) -> None:
    assert caged(script(tmp_path, text), b"")[0] == code


def test_what_is_no_script_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[int, Any] = {}
    monkeypatch.setattr(cage.resource, "setrlimit", taken.__setitem__)
    assert cage.main("/nowhere/at/all") == UNCONFINED
    assert cage.main("/nowhere/at/all.py") == UNCONFINED
    assert taken[cage.resource.RLIMIT_NPROC] == (0, 0)


# -- the filter, as the kernel reads it


def judged(steps: list[cage.Step], machine: int, number: int) -> int:
    """What a filter answers to one call: the few instructions that it uses, followed as the kernel would."""
    at, held = 0, 0
    while True:
        code, yes, no, value = steps[at]
        if code == cage.RETURN:
            return value
        if code == cage.LOAD:
            held = {cage.MACHINE_AT: machine, cage.NUMBER_AT: number}[value]
        at += 1 + ((yes if held == value else no) if code == cage.EQUAL else 0)


@pytest.mark.parametrize("kind", cage.MACHINES)
def test_the_filter_lets_pass_exactly_what_is_listed(kind: str) -> None:
    column, machine = cage.MACHINES[kind]
    allowed = {numbers[column] for numbers in cage.CALLS.values()}
    steps = cage.program(machine, allowed)
    passing = {number for number in range(1000) if judged(steps, machine, number) == cage.ALLOW}
    assert passing == allowed
    assert {judged(steps, machine, number) for number in set(range(1000)) - allowed} == {cage.DENY}
    assert judged(steps, machine, 0x40000000) == cage.DENY, "calls of x32"
    assert judged(steps, machine + 1, 0) == cage.KILL


def test_no_two_calls_share_a_number() -> None:
    every = (cage.CALLS | cage.OPENING).values()
    for column, _machine in cage.MACHINES.values():
        assert len({numbers[column] for numbers in every}) == len(every)


def test_the_locks_are_set_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setattr(cage, "_control", lambda what, value: done.append((what, value)))
    monkeypatch.setattr(
        cage, "_asked", lambda number, *_values: done.append(number) or (0 if number in cage.SECCOMP else 3)
    )
    monkeypatch.setattr(cage.os, "close", lambda _folder: None)
    monkeypatch.setattr(cage.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(cage, "FONTS", ())
    cage.lock()
    rights, dumps, parent = ((cage.PR_SET_NO_NEW_PRIVS, 1), (cage.PR_SET_DUMPABLE, 0), (cage.PR_SET_PDEATHSIG, signal.SIGKILL))  # fmt: skip
    landlock = [cage.LANDLOCK_CREATE, cage.LANDLOCK_CREATE, cage.LANDLOCK_RESTRICT]
    assert done == [rights, *landlock, dumps, parent, cage.SECCOMP[cage._machine()[0]]]


def test_a_call_that_fails_is_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cage.ctypes, "CDLL", lambda *_values, **_kw: SimpleNamespace(prctl=lambda *_all: -1, syscall=lambda *_all: -1))  # fmt: skip
    for attempt in (
        lambda: cage._control(1, 1),
        lambda: cage._done(1),
        lambda: cage._filter(cage.program(1, [1]), cage.SECCOMP[0]),
    ):
        with pytest.raises(cage.CannotConfine):
            attempt()
