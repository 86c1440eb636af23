"""The file channel to the bank: one file an order, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Unavailable


class OtherFile(Unavailable):
    """The folder holds a file of this name with other bytes: whether the bank has an order is unknown."""


def folder() -> Path:
    """Folder the bank fetches orders from."""
    return Path(getattr(settings, "LOANFLOW_OUTBOX", Path(settings.LOANFLOW_VAR) / "outbox"))


def deliver(name: str, content: bytes) -> Path:
    """Write an order's file: temporary name, flushed to the disk, renamed. A file already there must hold the same bytes."""
    target = folder() / name
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists():
            return _same(target, content)
        temporary = target.with_suffix(".part")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.rename(target)
        _flush_folder()
    except OSError as error:
        raise Unavailable(_("The bank's folder cannot be written; the order waits.")) from error
    return target


def _same(target: Path, content: bytes) -> Path:
    if target.read_bytes() != content:
        raise OtherFile(_("The bank's folder holds another file under this order's name; a person has to look."))
    return target


def _flush_folder() -> None:
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
