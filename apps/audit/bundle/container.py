"""The file of a bundle: a ZIP archive whose comment is a signed note over every byte before it.

So a bundle that has changed in any byte is refused before anything in it is believed. The note's first line has a space
and a version in it, which no head's has: neither can be passed off as the other.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from apps.audit import notes
from apps.audit.canonical import canonical
from apps.audit.models import AuditSigningKey
from apps.audit.signing import private_key

FIRST_LINE = "loanflow-bundle/v1"
PIECE = 1 << 20


class Container:
    """Takes files one after another, remembers their digests, and seals the archive."""

    def __init__(self, file: IO[bytes], key: AuditSigningKey) -> None:
        self._file, self._key = file, key
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.digests: dict[str, str] = {}

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file."""
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as entry:
            for piece in pieces:
                digest.update(piece)
                entry.write(piece)
        self.digests[name] = digest.hexdigest()

    def put_json(self, name: str, value: Any) -> None:
        """Write a JSON file in its canonical spelling."""
        self.put(name, [canonical(value).encode()])

    def seal(self) -> str:
        """Close the archive and sign it; returns the SHA-256 of the whole file, which stands at its start again."""
        self._archive.comment = b" " * len(
            self._note("0" * 64)
        )  # its length stands before it, and is signed with the rest
        length = len(self._archive.comment)
        self._archive.close()
        end = self._file.seek(0, os.SEEK_END) - length
        digest = self._hashed(end)
        note = self._note(digest.hexdigest())
        self._file.seek(end)
        self._file.write(note)
        digest.update(note)
        self._file.seek(0)
        return digest.hexdigest()

    def _note(self, digest: str) -> bytes:
        text = f"{FIRST_LINE}\n{self._key.origin}\n{digest}\n"
        line = notes.signature_line(text, self._key.origin, private_key(self._key))
        return notes.written(text, [line]).encode()

    def _hashed(self, end: int) -> hashlib._Hash:
        digest = hashlib.sha256()
        self._file.seek(0)
        while end and (piece := self._file.read(min(end, PIECE))):
            digest.update(piece)
            end -= len(piece)
        return digest
