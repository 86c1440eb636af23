"""Archives of sheets, made piece by piece: what goes into one is never on a disk before whoever takes the pieces puts it there."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

PIECE, SPOOLED = 1 << 16, 1 << 20
Entry = tuple[str, Iterable[bytes]]


def archive_pieces(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield a ZIP archive of named files; an entry is asked for when those before it have been written whole."""
    passage = _Passage()
    with zipfile.ZipFile(passage, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in entries:
            with archive.open(name, "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    if passage.is_full:
                        yield passage.taken()
    yield passage.taken()


def spooled(pieces: Iterable[bytes]) -> IO[bytes]:
    """Lay pieces in a temporary file, open at its start; what is longer than a mebibyte lies on the disk, not in memory."""
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the caller closes it
    for piece in pieces:  # `writelines` moves it to the disk when it has taken everything
        file.write(piece)
    file.seek(0)
    return file


def json_entry(name: str, value: Any) -> Entry:
    """A file of readable JSON."""
    return name, [json.dumps(value, indent=1, ensure_ascii=False).encode()]


class _Passage(io.RawIOBase):
    """Holds what was written until it is taken; cannot be sought in, so that archives are written in one go."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    @property
    def is_full(self) -> bool:
        """Tell whether there is enough to be worth a piece."""
        return len(self._held) >= PIECE

    def writable(self) -> bool:
        """It is written only."""
        return True

    def write(self, piece: Any) -> int:
        """Take a piece."""
        self._held += piece
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since it was taken last."""
        held = bytes(self._held)
        self._held.clear()
        return held
