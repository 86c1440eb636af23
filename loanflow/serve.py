"""Starts a demo and keeps it running: database, demo book, web server, task worker. `make demo` calls it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.core.management import get_commands

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
GRACE = 10  # seconds a child gets to stop by itself
SHARE = "0.25"  # of the whole demo book: each act in it is a real one and takes its time
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


def run(*command: str) -> None:
    """Run one of our commands to its end; refuse to start when it fails."""
    if subprocess.run([*MANAGE, *command], check=False).returncode:
        raise Refusal(f"`manage.py {' '.join(command)}` failed: see above.")


def prepare() -> None:
    """Bring the database up to date and make the demo book the first time."""
    run("migrate", "--verbosity", "0")
    done = settings.LOANFLOW_VAR / "demo-book"
    if "demo_book" in get_commands() and not done.exists():
        run("demo_book", "--share", SHARE)
        done.touch()


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
    return supervisor.watch()


if __name__ == "__main__":
    sys.exit(main())
