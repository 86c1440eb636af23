"""Encryption of long content in chunks: the STREAM construction, so that nothing is held whole in memory. Pure.

``magic(4) | suite(1) | nonce prefix(7)``, then chunks of 64 KiB, each with its tag. A chunk's nonce is the prefix, its number
(4 bytes) and one byte that is 1 for the last: chunks cannot be dropped, doubled, reordered or cut off unseen. The header and
the caller's binding are associated data of every chunk. Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag

from apps.vault.crypto import AEADS, KEY_BYTES, TAG_BYTES, Suite
from apps.vault.errors import CannotOpen

MAGIC = b"LFS1"
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + 1 + PREFIX_BYTES
CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + TAG_BYTES


def seal_stream(suite: Suite, material: bytes, pieces: Iterable[bytes], binding: bytes) -> Iterator[bytes]:
    """Encrypt pieces of any length; yields the header, then sealed chunks. Empty content is one empty chunk."""
    aead = AEADS[suite](material)
    prefix = os.urandom(PREFIX_BYTES)
    header = MAGIC + bytes([suite]) + prefix
    yield header
    for number, (chunk, last) in enumerate(_chunked(pieces)):
        yield aead.encrypt(_nonce(prefix, number, last), chunk, header + binding)


def _chunked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut to chunks, each with whether it is the last; all but the last are full."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > CHUNK:
            yield bytes(memoryview(held)[:CHUNK]), False
            del held[:CHUNK]
    yield bytes(held), True


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def plain_size(sealed_size: int) -> int:
    """Return the plain size of sealed content; raises ``CannotOpen`` for a size that sealing never gives."""
    body = sealed_size - HEADER_BYTES
    chunks = _chunks_of(body)
    if body - chunks * TAG_BYTES < (CHUNK * (chunks - 1) + 1 if chunks > 1 else 0):
        raise CannotOpen
    return body - chunks * TAG_BYTES


def _chunks_of(body: int) -> int:
    return max(1, -(-body // SEALED_CHUNK))


class SealedReader:
    """Reads sealed content from any place of it; ``sealed_size`` is the length of ``source`` in bytes."""

    def __init__(self, material: bytes, source: IO[bytes], sealed_size: int, binding: bytes) -> None:
        self.size = plain_size(sealed_size)
        self._last = _chunks_of(sealed_size - HEADER_BYTES) - 1
        self._source = source
        header = source.read(HEADER_BYTES)
        suite = header[len(MAGIC)] if len(header) == HEADER_BYTES and header.startswith(MAGIC) else 0
        if suite not in AEADS or len(material) != KEY_BYTES[Suite(suite)]:
            raise CannotOpen
        self._prefix, self._bound = header[-PREFIX_BYTES:], header + binding
        self._aead = AEADS[Suite(suite)](material)

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the plain bytes from ``start`` up to ``stop``, chunk by chunk.

        Raises ``CannotOpen`` at the first chunk that isn't what was sealed; what was yielded before it is genuine.
        """
        end = self.size if stop is None else min(stop, self.size)
        first = start // CHUNK
        self._source.seek(HEADER_BYTES + first * SEALED_CHUNK)
        for number in range(first, self._chunk_before(end) + 1):
            begin = number * CHUNK
            yield self._open(number)[max(start - begin, 0) : end - begin]

    def _chunk_before(self, end: int) -> int:
        """Number of the chunk that holds the byte before ``end``; empty content still has its one chunk to prove."""
        return max(0, end - 1) // CHUNK

    def _open(self, number: int) -> bytes:
        nonce = _nonce(self._prefix, number, number == self._last)
        try:
            return self._aead.decrypt(nonce, self._source.read(SEALED_CHUNK), self._bound)
        except (InvalidTag, ValueError):
            raise CannotOpen from None
