"""The demo's supervisor: clear refusals, a worker that is started again, an orderly end."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loanflow import serve


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((serve.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "80.5", "８０００ports"])
def test_port_that_is_none_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(serve.Refusal, match="PORT must be a number from 1 to 65535"):
        serve.wanted_port(text)


def test_busy_port_is_refused_with_what_to_type_instead(taken_port: int) -> None:
    with pytest.raises(serve.Refusal, match=rf"Port {taken_port} .* is busy: choose another, as in `make demo PORT="):
        serve.wanted_port(str(taken_port))


def test_free_port_is_taken() -> None:
    with socket.socket() as probe:
        probe.bind((serve.HOST, 0))
        free = probe.getsockname()[1]
    assert serve.wanted_port(str(free)) == free


def test_refusal_ends_the_start_with_one_line(
    taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken_port))
    assert serve.main() == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


def test_demo_book_is_made_the_first_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LOANFLOW_VAR = tmp_path
    ran: list[str] = []
    monkeypatch.setattr(serve, "run", lambda *command: ran.append(command[0]))
    monkeypatch.setattr(serve, "get_commands", lambda: {"demo_book": "apps.console"})
    serve.prepare()
    serve.prepare()
    assert ran == ["migrate", "demo_book", "migrate"]


def test_failing_command_refuses_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MANAGE", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(serve.Refusal, match="migrate"):
        serve.run("migrate")


class Children:
    """Stands in for real children: each start is noted and gives a process that sleeps or has ended."""

    def __init__(self, *scripts: str) -> None:
        self.scripts = list(scripts)
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *_command: str) -> subprocess.Popen[bytes]:
        script = self.scripts.pop(0)
        child = subprocess.Popen([sys.executable, "-c", script])
        self.started.append(child)
        return child


SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "PAUSE", 0.2)


def test_worker_that_stops_is_started_again(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    children = Children("import time; time.sleep(1.5); raise SystemExit(7)", "raise SystemExit(1)", SLEEP, SLEEP)
    monkeypatch.setattr(serve, "start", children.start)
    assert serve.Supervisor(8000).watch() == 7
    assert len(children.started) >= 3
    assert all(child.returncode is not None for child in children.started)


def test_asking_to_stop_ends_both_children(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    children = Children(SLEEP, SLEEP)
    monkeypatch.setattr(serve, "start", children.start)
    supervisor = serve.Supervisor(8000)
    supervisor.stop(signal.SIGTERM, None)
    assert supervisor.watch() == 0
    assert [child.returncode for child in children.started] == [-signal.SIGTERM, -signal.SIGTERM]


def test_child_that_ignores_the_request_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "GRACE", 0.3)
    script = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    serve.end(child)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
