"""Encrypted files: stored and read as streams, each under a key of its own that is sealed under its owner's.

Reading is not recorded here: services record it, then call ``open_stream``.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import BadInput
from apps.vault import crypto, stream
from apps.vault.errors import CannotOpen, Forgotten
from apps.vault.keyring import keyring
from apps.vault.models import EncryptedFile, KeyOwner
from apps.vault.ports import port
from apps.vault.suites import suite_in_use

STORAGE = "vault"
NAME_LENGTH = 255


def storage() -> Storage:
    """Return the storage that holds the encrypted bytes."""
    return storages[STORAGE]


def store(
    owner: KeyOwner,
    content: Any,
    *,
    name: str,
    content_type: str,
    max_bytes: int,
) -> EncryptedFile:
    """Encrypt and store ``content`` (an upload, an open file or pieces of bytes) and return its saved row.

    Nothing is left behind when it is longer than ``max_bytes`` (``BadInput``), the row cannot be saved, or the act around it
    rolls back later. Call it inside an act.
    """
    row = EncryptedFile(owner=owner, original_name=_bare_name(name), content_type=content_type)
    row.storage_name = f"{row.uuid.hex[:2]}/{row.uuid.hex}"
    cipher, suite = owner.active_cipher(), suite_in_use()
    material = crypto.fresh_material(suite)
    row.file_key = crypto.seal(cipher, material, _binding(row, "file_key"))
    tally = _Tally(max_bytes)
    sealed = stream.seal_stream(suite, material, tally.through(_pieces(content)), _binding(row, "content"))
    row.storage_name = storage().save(row.storage_name, File(io.BufferedReader(_Pipe(sealed), stream.SEALED_CHUNK)))
    row.size, row.sha256 = tally.size, tally.digest.hexdigest()
    with discarded_on_error(row):
        row.save()
        port.recorder.if_undone(lambda: erase(row))
    return row


def open_stream(file: EncryptedFile, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Return the plain bytes of a file, or of a range of it, as an iterator of chunks.

    The key, the length and the first chunk are checked before it returns, so that a page can still say what is wrong; a
    fault further on raises ``CannotOpen`` from the iterator. Nothing forged is ever yielded.
    """
    source, reader = _reader(file)
    pieces = reader.read(start, stop)
    try:
        first = next(pieces, b"")
    except BaseException:
        source.close()
        raise
    return _run(source, first, pieces)


def reseal_key(file: EncryptedFile) -> None:
    """Seal the file's key under its owner's active data key; the caller saves the row."""
    file.file_key = crypto.seal(file.owner.active_cipher(), _file_key(file), _binding(file, "file_key"))


def file_erase(file: EncryptedFile) -> None:
    """Destroy a file's key and, once the act around it has committed, its bytes; the row and its hash stay. Call it inside an act."""
    file.file_key, file.erased_at = b"", clock.now()
    file.save(update_fields=["file_key", "erased_at"])
    transaction.on_commit(lambda: erase(file), robust=True)  # one disk that fails keeps no other file and no key alive


def erase(file: EncryptedFile) -> None:
    """Delete the stored bytes; the row and its hash stay as evidence. Call it once the change has committed."""
    storage().delete(file.storage_name)


@contextlib.contextmanager
def discarded_on_error(file: EncryptedFile) -> Iterator[None]:
    """Delete the stored bytes when the block fails: a row that is not saved must leave no file."""
    try:
        yield
    except BaseException:
        erase(file)
        raise


def _reader(file: EncryptedFile) -> tuple[File[bytes], stream.SealedReader]:
    material = _file_key(file)
    try:
        source = storage().open(file.storage_name)
    except FileNotFoundError:
        raise CannotOpen from None
    try:
        reader = stream.SealedReader(material, source, source.size, _binding(file, "content"))
        if reader.size != file.size:
            raise CannotOpen
    except BaseException:
        source.close()
        raise
    return source, reader


def _file_key(file: EncryptedFile) -> bytes:
    if file.erased_at is not None:
        raise Forgotten
    envelope = bytes(file.file_key)
    return crypto.open_sealed(keyring.cipher(crypto.key_id_of(envelope)), envelope, _binding(file, "file_key"))


def _run(source: File[bytes], first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    with contextlib.closing(source):
        yield first
        yield from rest


def _binding(file: EncryptedFile, part: str) -> bytes:
    return crypto.bind("vault.encryptedfile", part, file.uuid)


def _bare_name(name: str) -> str:
    """Drop folders that some browsers send; keep the ending when the name is too long."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return bare if len(bare) <= NAME_LENGTH else bare[: NAME_LENGTH - 16] + bare[-16:]


def _pieces(content: Any) -> Iterable[bytes]:
    if hasattr(content, "chunks"):
        return content.chunks()  # type: ignore[no-any-return]
    if hasattr(content, "read"):
        return iter(lambda: content.read(stream.CHUNK), b"")
    return content  # type: ignore[no-any-return]


class _Tally:
    """Counts and hashes what passes, and stops it at a limit."""

    def __init__(self, max_bytes: int) -> None:
        self.size, self.digest, self._max = 0, hashlib.sha256(), max_bytes

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Pass pieces on."""
        for piece in pieces:
            self.size += len(piece)
            if self.size > self._max:
                limit = f"{self._max / 2**20:.0f}" if self._max >= 2**20 else f"{self._max / 2**20:.2f}"
                raise BadInput(_("The file is too large: at most %(limit)s MiB.") % {"limit": limit})
            self.digest.update(piece)
            yield piece


class _Pipe(io.RawIOBase):
    """An iterator of bytes as a file, for storages that read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with the next bytes; 0 at the end."""
        if not self._held:
            self._held = next(self._pieces, b"")
        taken = len(part := self._held[: len(buffer)])
        buffer[:taken] = part
        self._held = self._held[taken:]
        return taken
