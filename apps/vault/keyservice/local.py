"""The key service of the embedded default: root keys in a local file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.vault.errors import CannotOpen
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.keyfile import RootKeys, keyfile_add_root, keyfile_read

NONCE_BYTES = 12


class LocalFile:
    """Wraps by AES-256-GCM under the active root key of a key file: ``nonce(12) | ciphertext and tag``.

    The associated data is the root key's id and the caller's context. The file is read at first use, and once more when it
    was replaced before a key is wrapped, or when a key names a root key that was not in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: RootKeys | None = None
        self._ciphers: dict[str, AESGCM] = {}
        self._seen = (0, 0)

    def active(self) -> str:
        """Return the id of the root key that wraps now; another process may have added one since the file was read."""
        return self._fresh().active

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self._path)

    def knows(self, root_key_id: str) -> bool:
        """Tell whether a root key is in the file."""
        return root_key_id in self._loaded().material or root_key_id in self._load().material

    def renew(self) -> str:
        """Add a new root key to the file and let it wrap from now on."""
        keyfile_add_root(self._path)
        return self._load().active

    def wrap(self, material: bytes, context: bytes) -> Wrapped:
        """Encrypt a key under the active root key."""
        root = self._fresh().active
        nonce = os.urandom(NONCE_BYTES)
        blob = nonce + self._ciphers[root].encrypt(nonce, material, _bound(root, context))
        return Wrapped(root, blob, context)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Decrypt a key, or raise ``CannotOpen``."""
        cipher = self._cipher(wrapped.root_key_id)
        nonce, sealed = wrapped.blob[:NONCE_BYTES], wrapped.blob[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, sealed, _bound(wrapped.root_key_id, wrapped.context))
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    def unwrap_many(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Decrypt keys; ``None`` for each that cannot be opened."""
        return [self._unwrap_or_none(one) for one in wrapped]

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same key under the active root key."""
        return self.wrap(self.unwrap(wrapped), wrapped.context)

    def _unwrap_or_none(self, wrapped: Wrapped) -> bytes | None:
        try:
            return self.unwrap(wrapped)
        except CannotOpen:
            return None

    def _cipher(self, root_key_id: str) -> AESGCM:
        self._loaded()
        if root_key_id not in self._ciphers:
            self._load()
        if root_key_id not in self._ciphers:
            raise CannotOpen
        return self._ciphers[root_key_id]

    def _loaded(self) -> RootKeys:
        return self._keys or self._load()

    def _fresh(self) -> RootKeys:
        """The keys as the file has them now: it is read again when it is another file than was read."""
        return self._loaded() if self._keys and self._mark() == self._seen else self._load()

    def _mark(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0
        return found.st_ino, found.st_mtime_ns

    def _load(self) -> RootKeys:
        self._seen = self._mark()
        keys = keyfile_read(self._path)
        self._ciphers = {name: AESGCM(material) for name, material in keys.material.items()}
        self._keys = keys
        return keys


def _bound(root_key_id: str, context: bytes) -> bytes:
    return root_key_id.encode() + b"\0" + context
