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


class Commands:
    """Stands in for the real commands: notes each, and leaves what a book leaves in the folder it is told."""

    def __init__(self, folder: Path, *, broken: str = "") -> None:
        self.folder, self.broken, self.ran = folder, broken, []

    def run(self, *command: str, **environment: str) -> None:
        self.ran.append(command[0])
        folder = Path(environment.get("LOANFLOW_VAR", self.folder))
        (folder / "keys").mkdir(parents=True, exist_ok=True)
        (folder / "keys" / "root.json").write_text(command[0])
        (folder / "loanflow.sqlite3").write_text(command[0])
        if command[0] == self.broken:
            raise serve.Refusal("interrupted")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    settings.LOANFLOW_VAR = tmp_path
    monkeypatch.setattr(serve, "database_file", lambda: tmp_path / "loanflow.sqlite3")
    return tmp_path


def test_demo_book_is_made_the_first_time_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands(folder)
    monkeypatch.setattr(serve, "run", commands.run)
    serve.prepare()
    assert commands.ran == ["migrate", "demo_book", "migrate"]
    serve.prepare()
    assert commands.ran[3:] == ["migrate"]
    assert not (folder / "making").exists()


def test_interrupted_first_start_begins_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "run", Commands(folder, broken="demo_book").run)
    with pytest.raises(serve.Refusal, match="interrupted"):
        serve.prepare()
    assert not (folder / "loanflow.sqlite3").exists()
    commands = Commands(folder)
    monkeypatch.setattr(serve, "run", commands.run)
    serve.prepare()
    assert commands.ran == ["migrate", "demo_book", "migrate"]
    assert (folder / serve.BOOK).exists()


def test_interrupted_move_is_taken_up_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Commands(folder)
    commands.run("demo_book", LOANFLOW_VAR=str(folder / "making"))
    (folder / "making" / serve.BOOK).touch()
    (folder / "loanflow.sqlite3").write_text("moved already")
    (folder / "making" / "loanflow.sqlite3").unlink()
    serve.make_aside(folder)
    assert (folder / "keys" / "root.json").read_text() == "demo_book"
    assert (folder / serve.BOOK).exists()


def test_installation_that_is_no_demo_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "loanflow.sqlite3").write_text("a real one")
    monkeypatch.setattr(serve, "run", Commands(folder).run)
    with pytest.raises(serve.Refusal, match="no demo: keep the demo elsewhere"):
        serve.prepare()
    assert (folder / "loanflow.sqlite3").read_text() == "a real one"


def test_book_in_another_database_is_made_in_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "database_file", lambda: Path("loanflow"))
    commands = Commands(folder)
    monkeypatch.setattr(serve, "run", commands.run)
    serve.prepare()
    assert commands.ran == ["migrate", "demo_book", "migrate"]
    assert (folder / serve.BOOK).exists()


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
