"""Signed notes (c2sp.org/signed-note), cosignatures (c2sp.org/tlog-cosignature) and keys as text; pure.

A note is a text that ends in a newline, an empty line, and signature lines: em dash, space, key name, space, base64 of the
key's hash (4 bytes) and the signature. Whoever does not know a key passes its line over.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 1, 4
"""Signature types."""
HASH_BYTES, KEY_BYTES, SIGNATURE_BYTES, TIME_BYTES = 4, 32, 64, 8
MOST_SIGNATURES = 100
DASH = "\u2014 "


class BadNote(ValueError):
    """A text that is no signed note, or a key that is no key."""


class Key(NamedTuple):
    """A verifier key: a name and a public key; ``kind`` says whether it signs notes or cosigns them."""

    name: str
    public: bytes
    kind: int = ED25519

    def hash(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:HASH_BYTES]

    def text(self) -> str:
        """The key as people exchange it: name, hash and key, joined by plus signs."""
        return f"{self.name}+{self.hash().hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parsed(cls, text: str) -> Key:
        """Read a key's text; raises ``BadNote``."""
        name, _plus, rest = text.strip().partition("+")
        digest, _plus, encoded = rest.partition("+")
        data = _decoded(encoded)
        if not is_name(name) or len(data) != 1 + KEY_BYTES or data[0] not in {ED25519, COSIGNATURE}:
            raise BadNote("this is not the text of a verifier key")
        key = cls(name, data[1:], data[0])
        if key.hash().hex() != digest:
            raise BadNote("the key's hash does not fit its name and key")
        return key


class Signature(NamedTuple):
    """A signature line, read: ``value`` is what follows the key's hash."""

    name: str
    hash: bytes
    value: bytes


class Note(NamedTuple):
    """A signed note, read."""

    text: str
    signatures: tuple[Signature, ...]

    def signed_by(self, key: Key) -> bool:
        """Tell whether a key has signed the text."""
        return any(_verifies(key, one.value, self.text.encode()) for one in self._of(key))

    def cosigned_at(self, key: Key) -> int | None:
        """Second (since 1970) at which a witness has cosigned the text; ``None`` where it has not."""
        for one in self._of(key):
            at = int.from_bytes(one.value[:TIME_BYTES])
            if _verifies(key, one.value[TIME_BYTES:], _cosigned(self.text, at)):
                return at
        return None

    def _of(self, key: Key) -> Iterable[Signature]:
        return (one for one in self.signatures if (one.name, one.hash) == (key.name, key.hash()))


def signature_line(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """Sign a note's text."""
    return _line(Key(name, public_of(private)), private.sign(text.encode()))


def cosignature_line(text: str, name: str, private: Ed25519PrivateKey, at: int) -> str:
    """Cosign a note's text as a witness, at a second since 1970."""
    value = at.to_bytes(TIME_BYTES) + private.sign(_cosigned(text, at))
    return _line(Key(name, public_of(private), COSIGNATURE), value)


def written(text: str, lines: Iterable[str]) -> str:
    """Put a text and its signature lines together."""
    if not text.endswith("\n") or "\n\n" in text:
        raise BadNote("a note's text ends in a newline and holds no empty line")
    return f"{text}\n{''.join(lines)}"


def line_of(signature: Signature) -> str:
    """Write a signature line that was read."""
    return f"{DASH}{signature.name} {base64.b64encode(signature.hash + signature.value).decode()}\n"


def parse(note: str) -> Note:
    """Read a signed note; raises ``BadNote``. Whether its signatures hold is for ``signed_by`` to say."""
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.splitlines(keepends=True)
    if not blank or not lines or len(lines) > MOST_SIGNATURES or not all(line.endswith("\n") for line in lines):
        raise BadNote("this is not a signed note")
    return Note(f"{text}\n", tuple(_signature(line) for line in lines))


def public_of(private: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of a private key's public part."""
    return private.public_key().public_bytes_raw()


def is_name(name: str) -> bool:
    """Tell whether a key may have this name."""
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(DASH).removesuffix("\n").partition(" ")
    data = _decoded(encoded)
    if not line.startswith(DASH) or not space or not is_name(name) or len(data) <= HASH_BYTES:
        raise BadNote("this is not a signature line")
    return Signature(name, data[:HASH_BYTES], data[HASH_BYTES:])


def _line(key: Key, value: bytes) -> str:
    if not is_name(key.name):
        raise BadNote("a key's name is not empty and holds no space and no plus sign")
    return f"{DASH}{key.name} {base64.b64encode(key.hash() + value).decode()}\n"


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _verifies(key: Key, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("this is not base64") from None
