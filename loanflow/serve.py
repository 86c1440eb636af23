"""Starts a demo and keeps it running: database, demo book, web server, task worker. `make demo` calls it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import django
from django.conf import settings

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
GRACE = 10  # seconds a child gets to stop by itself
BOOK = "demo-book"  # its presence says that the book is whole
PAUSE = 1  # seconds between two looks, and before a worker is started again


class Refusal(Exception):
    """A reason not to start, said in one sentence."""


def wanted_port(text: str) -> int:
    """Return the port that the environment asks for, if somebody may listen on it."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise Refusal(
                f"Port {port} is not for ordinary users: choose one from 1024 up, as in `make demo PORT=8001`."
            ) from None
        except OSError:
            raise Refusal(
                f"Port {port} on {HOST} is busy: choose another, as in `make demo PORT={port % 65535 + 1}`."
            ) from None
    return port


def run(*command: str, **environment: str) -> None:
    """Run one of our commands to its end; refuse to start when it fails."""
    if subprocess.run([*MANAGE, *command], check=False, env={**os.environ, **environment}).returncode:
        raise Refusal(f"`manage.py {' '.join(command)}` failed: see above.")


def database_file() -> Path:
    """Return where the database lies, if it is a file."""
    return Path(settings.DATABASES["default"]["NAME"])


def prepare() -> None:
    """Make the demo book the first time, and bring the database up to date."""
    folder = Path(settings.LOANFLOW_VAR)
    if not (folder / BOOK).exists():
        if database_file().is_relative_to(folder):
            make_aside(folder)
        else:
            run("migrate", "--verbosity", "0")
            run("demo_book")
            (folder / BOOK).touch()
    run("migrate", "--verbosity", "0")


def make_aside(folder: Path) -> None:
    """Make the book in a folder beside the data and put it in place when it is whole: an interrupted start begins anew."""
    making = folder / "making"
    if not (making / BOOK).exists():
        if database_file().exists():
            raise Refusal(
                f"{folder} holds an installation that is no demo: keep the demo elsewhere, as in "
                "`LOANFLOW_VAR=var-demo make demo`."
            )
        shutil.rmtree(making, ignore_errors=True)
        # nothing can be lost that would not be made again: the disk need not be waited for
        aside = {"LOANFLOW_VAR": str(making), "LOANFLOW_JOURNAL_SYNC": "false", "LOANFLOW_FILES_SYNC": "false"}
        run("migrate", "--verbosity", "0", **aside)
        run("demo_book", **aside)
        (making / BOOK).touch()
    put_in_place(making, folder)


def put_in_place(making: Path, folder: Path) -> None:
    """Move everything, the sign that the book is whole last, so that the move can be taken up again."""
    for path in sorted(making.rglob("*"), key=lambda each: (each.name == BOOK, each)):
        target = folder / path.relative_to(making)
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        else:
            path.replace(target)
    shutil.rmtree(making)


class Supervisor:
    """Holds the web server and the task worker; a worker that stops is started again, a server that stops ends it all."""

    def __init__(self, port: int) -> None:
        self.stopping = False
        self.server = start(
            sys.executable,
            "-m",
            "gunicorn",
            "loanflow.wsgi",
            "--bind",
            f"{HOST}:{port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--log-level",
            "warning",
        )
        self.worker = start(*MANAGE, "task_worker")

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Ask the watch to end."""
        self.stopping = True

    def watch(self) -> int:
        """Look after both until the server stops or somebody asks to; return the exit code."""
        while not self.stopping and self.server.poll() is None:
            if self.worker.poll() is not None:
                print("The task worker stopped; starting it again.", flush=True)
                self.worker = start(*MANAGE, "task_worker")
            time.sleep(PAUSE)
        code = 0 if self.stopping else self.server.returncode
        for child in (self.server, self.worker):
            end(child)
        return code


def start(*command: str) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only the supervisor."""
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)


def end(child: subprocess.Popen[bytes]) -> None:
    """Let a child stop by itself; insist when it does not."""
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main() -> int:
    """Start the demo, say where it is, and stay until it ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanflow.settings")
    os.environ.setdefault("LOANFLOW_MODE", "demo")
    try:
        port = wanted_port(os.environ.get("PORT", "8000"))
        django.setup()
        prepare()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    supervisor = Supervisor(port)
    signal.signal(signal.SIGINT, supervisor.stop)
    signal.signal(signal.SIGTERM, supervisor.stop)
    print(f"LoanFlow is at http://{HOST}:{port} - Ctrl-C stops it; the data stay.", flush=True)
    print(f"Passkeys need a name: they work at http://localhost:{port}.", flush=True)
    return supervisor.watch()


if __name__ == "__main__":
    sys.exit(main())
