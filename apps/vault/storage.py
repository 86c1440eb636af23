"""Storage of files on local disks that has a file whole or not at all, and keeps it through a loss of power."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Writes to a temporary name beside the target, sees it onto the disk, then renames. Readable by its owner alone.

    Without ``sync`` it does not wait for the disk: for data that could be made again.
    """

    def __init__(self, *, sync: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.sync = sync

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        try:
            _write(handle, content, sync=self.sync)
            draft.rename(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        if self.sync:
            _settle(target.parent)
        return name


def _write(handle: int, content: Any, *, sync: bool) -> None:
    with os.fdopen(handle, "wb") as file:
        for piece in content.chunks():
            file.write(piece)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
