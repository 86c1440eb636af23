"""The file channel to the bank: one file an order, written whole or not at all, and erased once it has served.

An erased file leaves an empty mark, so that a worker who comes late with the same order never puts it there again.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Unavailable

ORDER, PART, SERVED = ".xml", ".part", ".served"


class OtherFile(Unavailable):
    """The folder holds a file of this name with other bytes: whether the bank has an order is unknown."""


def folder() -> Path:
    """Folder the bank fetches orders from."""
    return Path(getattr(settings, "LOANFLOW_OUTBOX", Path(settings.LOANFLOW_VAR) / "outbox"))


def deliver(name: str, content: bytes) -> Path:
    """Write an order's file: temporary name, flushed to the disk, renamed. A file already there must hold the same bytes.

    A file that has served already is not written again.
    """
    target = folder() / name
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with _held():
            if target.with_suffix(SERVED).exists():
                return target
            if target.exists():
                return _same(target, content)
            temporary = target.with_suffix(PART)
            _write(temporary, content)
            temporary.rename(target)
            _flush_folder()
    except OSError as error:
        raise Unavailable(_("The bank's folder cannot be written; the order waits.")) from error
    return target


def erase(name: str) -> None:
    """Take an order's file away, whole or half written, and leave its mark; once or several times is the same."""
    target = folder() / name
    if not folder().is_dir():
        return
    with _held():
        _write(target.with_suffix(SERVED), b"")
        target.unlink(missing_ok=True)
        target.with_suffix(PART).unlink(missing_ok=True)
        _flush_folder()


def names() -> list[str]:
    """Names of the orders whose files lie in the folder, whole or half written."""
    if not folder().is_dir():
        return []
    return sorted({each.stem + ORDER for each in folder().iterdir() if each.suffix in {ORDER, PART}})


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _same(target: Path, content: bytes) -> Path:
    if target.read_bytes() != content:
        raise OtherFile(_("The bank's folder holds another file under this order's name; a person has to look."))
    return target


@contextmanager
def _held() -> Iterator[None]:
    """Hold the folder against other processes: between looking for a mark and writing a file nobody erases."""
    handle = os.open(folder(), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _flush_folder() -> None:
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
