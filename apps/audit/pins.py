"""The pin file: heads put, once an hour, where the database's administrators cannot take them back.

``LOANFLOW_PIN`` names a file on a write-once or append-only device. It is only ever appended to: signed notes with an empty
line between them. Whoever rolls the log back, or builds another, has to explain the heads that stand there.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
from pathlib import Path

from django.conf import settings

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.models import AuditHead
from apps.audit.notes import BadNote

logger = logging.getLogger(__name__)

EVERY = dt.timedelta(hours=1)
TAIL = 8192  # bytes that hold the last note


def pin_path() -> Path | None:
    """Where heads are pinned; ``None`` where nowhere."""
    given = getattr(settings, "LOANFLOW_PIN", None)
    return Path(given) if given else None


def pin_head(row: AuditHead, *, at_once: bool = False) -> bool:
    """Append a head unless one was pinned within the hour; what cannot be written is logged, sealing goes on."""
    path = pin_path()
    if path is None:
        return False
    try:
        last = _last(path)
        if last is not None and not at_once and row.at - last.at < EVERY:
            return False
        _append(path, row.note)
    except (OSError, BadNote):
        logger.exception("the head could not be pinned")
        return False
    return True


def pinned(path: Path) -> list[notes.Note]:
    """Read the notes of a pin file, oldest first; raises ``OSError`` and ``BadNote``."""
    return [notes.parse(text) for text in _texts(path.read_text(encoding="utf-8"))]


def kept(content: str) -> list[int]:
    """Sizes of the heads in what somebody has kept of them, each as this log has signed it; raises ``BadNote``.

    A head of this log that it holds no more, or holds otherwise, is a sign that the log was changed: that is said.
    """
    whole = re.sub(r"\n{3,}", "\n\n", content.replace("\r\n", "\n")).strip("\n")
    if whole.count("\n\n") % 2 == 0:
        raise BadNote("a head is a text, an empty line, and the lines that sign it")
    heads = {Head.parsed(note.text).size: note.text for note in map(notes.parse, _texts(whole))}
    held = AuditHead.objects.in_bulk(list(heads))
    for size, text in sorted(heads.items()):
        if size not in held or notes.parse(held[size].note).text != text:
            raise Foreign(size)
    return sorted(heads)


class Foreign(BadNote):
    """A head that this log has not signed, or signs no more."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the log holds no such head of {size} events")
        self.size = size


def _texts(content: str) -> list[str]:
    blocks = content.rstrip("\n").split("\n\n") if content.strip() else []
    return [f"{text.lstrip(chr(10))}\n\n{lines}\n" for text, lines in zip(blocks[::2], blocks[1::2], strict=False)]


def _last(path: Path) -> Head | None:
    if not path.exists() or not path.stat().st_size:
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read().decode("utf-8", errors="ignore")
    blocks = tail.rstrip("\n").split("\n\n")
    if len(blocks) < 2:
        raise BadNote("the pin file does not end in a signed note")
    return Head.parsed(notes.parse(f"{blocks[-2].lstrip(chr(10))}\n\n{blocks[-1]}\n").text)


def _append(path: Path, note: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        data = f"{note}\n".encode()
        if os.write(handle, data) != len(data):
            raise OSError("the pin file's device took only a part")
        os.fsync(handle)
    finally:
        os.close(handle)
