"""What a witness keeps, in a folder of its own: its key, the newest head of each log, all it has cosigned, and its alarms."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.notes import Note

KEY, SEEN, ALARMS = "witness.key", "cosigned.notes", "alarms"


class State:
    """A witness's folder, made with mode 0700; every change is on the disk before it is answered for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def private_key(self) -> Ed25519PrivateKey:
        """Return the witness's key; made once."""
        path = self._folder / KEY
        if not path.exists():
            made = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw())
            self._append(KEY, made.decode() + "\n", os.O_EXCL)
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text(encoding="ascii")))

    def newest(self, origin: str) -> tuple[Note, Head] | None:
        """Return the newest head of a log that was cosigned."""
        path = self._folder / _name(origin)
        if not path.exists():
            return None
        note = notes.parse(path.read_text(encoding="utf-8"))
        return note, Head.parsed(note.text)

    def keep(self, origin: str, note: str) -> None:
        """Keep a head as the newest of its log."""
        self._append(SEEN, f"{note}\n")
        draft = self._folder / f"{_name(origin)}.new"
        draft.unlink(missing_ok=True)
        self._append(draft.name, note)
        draft.rename(self._folder / _name(origin))
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def alarm(self, words: str, *evidence: str) -> None:
        """Keep what is wrong with the notes that prove it."""
        indented = "".join(f"    {line}\n" for text in evidence for line in text.splitlines())
        self._append(ALARMS, f"{words}\n{indented}\n")

    def alarms(self) -> str:
        """Return all alarms; empty where there are none."""
        path = self._folder / ALARMS
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _append(self, name: str, text: str, more: int = 0) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | more
        handle = os.open(self._folder / name, flags, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def _name(origin: str) -> str:
    return f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.note"
