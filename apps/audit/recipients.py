"""Exports encrypted to whoever they are for: age v1 (age-encryption.org/v1) with X25519 recipients, ``age1…``.

Nothing of the inner archive lies on a disk in clear: its pieces go through the encryption as they are made.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import pyrage
from django.utils.translation import gettext_lazy as _

from apps.audit.archives import PIECE, SPOOLED
from apps.audit.canonical import JSON
from apps.core.errors import BadInput

METHOD = "age-encryption.org/v1 X25519"
RECORD = "record.json"
LONGEST = 100


def recipient_of(text: str) -> str:
    """Return a recipient in its one spelling; raises ``BadInput`` for what is none, or is no key that keeps anything shut."""
    try:
        found = pyrage.x25519.Recipient.from_str(text.strip()[:LONGEST])
        pyrage.encrypt(b"", [found])  # a point of small order makes the library panic, which is no Exception
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - the panic
        words = _(
            "Enter an age recipient: it begins with age1. A private key (AGE-SECRET-KEY-1…) belongs nowhere but home."
        )
        raise BadInput({"recipient": [words]}) from None
    return str(found)


def fingerprint(recipient: str) -> str:
    """SHA-256 of a recipient as it is spelt, in hexadecimal."""
    return hashlib.sha256(recipient.encode()).hexdigest()


def told_of(recipient: str) -> dict[str, JSON]:
    """What manifests, records and events say of a recipient."""
    return {"method": METHOD, "recipient": recipient, "recipient_sha256": fingerprint(recipient)}


def enveloped(
    recipient: str, name: str, pieces: Iterable[bytes], said: dict[str, Any]
) -> tuple[IO[bytes], dict[str, Any]]:
    """Encrypt pieces into an archive of ``name.age`` and ``record.json``; returns its file, open at its start, and the record.

    ``said`` stands in the record besides: it is read by whoever holds the file, so nothing confidential belongs there.
    """
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as outer:
        with outer.open(f"{name}.age", "w", force_zip64=True) as entry:
            digest = _encrypted(recipient, pieces, entry)
        record = {**said, **told_of(recipient), "file": f"{name}.age", "file_sha256": digest}
        outer.writestr(RECORD, json.dumps(record, indent=1, ensure_ascii=False))
    file.seek(0)
    return file, record


def _encrypted(recipient: str, pieces: Iterable[bytes], out: IO[bytes]) -> str:
    source, sink = _Source(iter(pieces)), _Sink(out)
    try:
        pyrage.encrypt_io(source, sink, [pyrage.x25519.Recipient.from_str(recipient)])
    except pyrage.EncryptError:
        raise source.problem or sink.problem or RuntimeError("the export could not be encrypted") from None
    return sink.sha256.hexdigest()


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with file:
        while piece := file.read(PIECE):
            yield piece


class _Source(io.RawIOBase):
    """Reads an iterator; keeps what went wrong in it, as the library tells only that something did."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest = pieces, b""
        self.problem: Exception | None = None

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill what is given with as much as there is."""
        try:
            while not self._rest:
                self._rest = next(self._pieces)
        except StopIteration:
            return 0
        except Exception as problem:
            self.problem = problem
            raise
        length = min(len(into), len(self._rest))
        into[:length], self._rest = self._rest[:length], self._rest[length:]
        return length


class _Sink(io.RawIOBase):
    """Writes on, and hashes on the way."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out, self.sha256 = out, hashlib.sha256()
        self.problem: Exception | None = None

    def writable(self) -> bool:
        """It is written only."""
        return True

    def write(self, piece: Any) -> int:
        """Take a piece."""
        try:
            self.sha256.update(piece)
            return self._out.write(piece)
        except Exception as problem:
            self.problem = problem
            raise
