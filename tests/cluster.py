"""A throw-away PostgreSQL: made from the server programs at hand, on loopback, gone when the run is over."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "autovacuum": "off",  # a database lives for seconds
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "jit": "off",
    "log_min_messages": "panic",
}


ROOM, LEFT_SECONDS = 4 << 30, 6 * 3600
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "log_min_messages": "warning",
}
"""What a server that is to keep its data needs instead: benchmarks take it."""


@contextmanager
def throw_away(binaries: Path) -> Iterator[str]:
    """Start a fresh server from the programs in `binaries`; yield its DATABASE_URL; stop and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="loanflow-postgres-", dir=_memory()))
    try:
        with served(binaries, folder, SETTINGS) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """Where a thousand databases of a thousand files each are made and dropped without a disk, if this machine has the room."""
    folder = Path("/dev/shm")
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return None
    for left in folder.glob("loanflow-postgres-*"):  # by a run that was killed
        if left.stat().st_mtime < time.time() - LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    return folder if shutil.disk_usage(folder).free > ROOM else None


@contextmanager
def served(binaries: Path, folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Serve what lies in a folder, a fresh server where nothing does; yield its DATABASE_URL; stop it at the end."""
    user, port = _unprivileged_user(), _free_port()
    if user:
        shutil.chown(folder, user)
    if not (folder / "data").exists():
        _run(
            user, binaries / "initdb", "-D", folder / "data", "-U", "loanflow", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
    _write_settings(folder / "data" / "postgresql.conf", folder, port, settings)
    try:
        _run(user, binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-t", "60", "start")
        yield f"postgres://loanflow@127.0.0.1:{port}/postgres"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            mode = "immediate" if settings["fsync"] == "off" else "fast"
            _run(user, binaries / "pg_ctl", "-D", folder / "data", "-m", mode, "-w", "stop")


def _write_settings(path: Path, folder: Path, port: int, settings: Mapping[str, str]) -> None:
    """Add our settings to the server's own; the last of a name counts."""
    lines = {**settings, "port": str(port), "unix_socket_directories": str(folder)}
    with path.open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in lines.items())


def _run(user: str | None, *command: object) -> None:
    """Run a server program quietly, as `user` where one is given; its output shows only in a failure."""
    words = [str(word) for word in command]
    result = subprocess.run(
        words,
        check=False,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode:
        raise RuntimeError(f"{Path(words[0]).name} failed: {result.stderr.strip()}")


def _unprivileged_user() -> str | None:
    """Return who the server runs as: PostgreSQL refuses root, so root lends it another name."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
