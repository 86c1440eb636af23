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

    @property
    def place(self) -> str:
        """Where the root keys are, for sentences: a file, an address, a region."""

    def active(self) -> str:
        """Return the id of the root key that wraps now."""

    def knows(self, root_key_id: str) -> bool:
        """Tell whether a root key can unwrap."""

    def renew(self) -> str:
        """Let a new root key wrap from now on, and return its id; the old ones go on unwrapping.

        Where root keys are made elsewhere, such as in a cloud's KMS, it returns the one that wraps already.
        """

    def wrap(self, material: bytes, context: bytes) -> Wrapped:
        """Encrypt a key under the active root key, bound to ``context``."""

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """Decrypt a key; raises ``CannotOpen`` when it, its root key or its context is not what was wrapped."""

    def unwrap_many(self, wrapped: Sequence[Wrapped]) -> list[bytes | None]:
        """Decrypt keys in one go; ``None`` stands where ``unwrap`` would raise ``CannotOpen``."""

    def rewrap(self, wrapped: Wrapped) -> Wrapped:
        """Return the same key under the active root key."""
