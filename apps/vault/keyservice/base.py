"""What every key service offers, whether a local file, Vault transit or a cloud's KMS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Wrapped(NamedTuple):
    """A key encrypted under the root key ``root_key_id``; ``context`` must be the same at wrapping and unwrapping."""

    root_key_id: str
    blob: bytes
    context: bytes


class KeyService(Protocol):
    """Wraps keys under root keys that stay inside. Every method raises ``KeysUnavailable`` when the service is away."""

    def active(self) -> str:
        """Return the id of the root key that wraps now."""

    def known(self) -> frozenset[str]:
        """Return the ids of all root keys that can unwrap."""

    def wrap(self, material: bytes, context: bytes) -> Wrapped:
        """Encrypt a key under the active root key, bound to ``context``."""

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Decrypt a key; raises ``CannotOpen`` when it, its root key or its context is not what was wrapped."""

    def unwrap_many(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Decrypt keys in one go; ``None`` stands where ``unwrap`` would raise ``CannotOpen``."""

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same key under the active root key."""
