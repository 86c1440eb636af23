"""The envelope: authenticated encryption of one value, bound to the place where it stands. Pure; fails closed.

``version(1) | suite(1) | key id(8) | nonce(12) | ciphertext and tag(16)``. The associated data is the whole header followed
by model, field (each with its length before it) and the row's uuid: a value moved to another row, field or key is refused.
Suites: AES-256-GCM (NIST SP 800-38D), SM4-GCM (GB/T 32907, RFC 8998), AES-256-GCM-SIV (RFC 8452).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from apps.vault.errors import CannotOpen

VERSION = 1
KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES = 8, 12, 16
HEAD_BYTES = 2 + KEY_ID_BYTES
HEADER_BYTES = HEAD_BYTES + NONCE_BYTES


class Suite(IntEnum):
    """Cipher suites by the number that stands in the envelope."""

    AES_256_GCM = 1
    SM4_GCM = 2
    AES_256_GCM_SIV = 3


KEY_BYTES = {Suite.AES_256_GCM: 32, Suite.SM4_GCM: 16, Suite.AES_256_GCM_SIV: 32}


class Aead(Protocol):
    """Authenticated encryption with associated data; ``decrypt`` raises ``InvalidTag``."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plain bytes of ciphertext and tag."""


class Sm4Gcm:
    """SM4 in Galois counter mode, shaped like the library's AES classes."""

    __slots__ = ("_algorithm",)

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return ciphertext and tag."""
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Return the plain bytes; raises ``InvalidTag``."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


AEADS: dict[Suite, Callable[[bytes], Aead]] = {
    Suite.AES_256_GCM: AESGCM,
    Suite.SM4_GCM: Sm4Gcm,
    Suite.AES_256_GCM_SIV: AESGCMSIV,
}


class DataCipher:
    """An unwrapped key ready for work; lives in memory only and shows nothing of itself."""

    __slots__ = ("decrypt", "encrypt", "head", "key_id", "material", "suite")

    def __init__(self, key_id: bytes, suite: Suite, material: bytes) -> None:
        if len(key_id) != KEY_ID_BYTES or len(material) != KEY_BYTES[suite]:
            raise ValueError("a key of another length than its suite takes")
        aead = AEADS[suite](material)
        self.key_id, self.suite, self.material = key_id, suite, material
        self.head = bytes((VERSION, suite)) + key_id
        self.encrypt, self.decrypt = aead.encrypt, aead.decrypt

    def __repr__(self) -> str:
        return f"<DataCipher {self.key_id.hex()}>"

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        raise TypeError("keys are not pickled")


def fresh_key_id() -> bytes:
    """Draw a key id."""
    return os.urandom(KEY_ID_BYTES)


def fresh_material(suite: Suite) -> bytes:
    """Draw key material of the length that the suite takes."""
    return os.urandom(KEY_BYTES[suite])


def framed(*parts: bytes) -> bytes:
    """Join parts, each with its length in two bytes before it, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def place(model: str, field: str) -> bytes:
    """Return the part of the associated data that all values of one field share."""
    return framed(model.encode(), field.encode())


def bind(model: str, field: str, row: uuid.UUID) -> bytes:
    """Return the associated data of one value, without the envelope's header."""
    return place(model, field) + row.bytes


def seal(cipher: DataCipher, plain: bytes, binding: bytes) -> bytes:
    """Encrypt ``plain`` for the place that ``binding`` names, under a fresh random nonce."""
    nonce = os.urandom(NONCE_BYTES)
    header = cipher.head + nonce
    return header + cipher.encrypt(nonce, plain, header + binding)


def open_sealed(cipher: DataCipher, envelope: bytes, binding: bytes) -> bytes:
    """Decrypt an envelope; raises ``CannotOpen`` for anything but the very bytes sealed here under this key.

    Version, suite and key id need no look of their own: they are associated data, as this cipher sealed them.
    """
    header = envelope[:HEADER_BYTES]
    try:
        return cipher.decrypt(header[HEAD_BYTES:], envelope[HEADER_BYTES:], header + binding)
    except (InvalidTag, ValueError):
        raise CannotOpen from None


def key_id_of(envelope: bytes) -> bytes:
    """Return the key id that an envelope names; the envelope may still prove damaged."""
    return envelope[2:HEAD_BYTES]
