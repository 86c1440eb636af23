"""Keys that sign heads: the public part in clear, the private one only ever wrapped by the key service.

The first key's hash is the log's name. A rotation is an event in the tree, written in the transaction that stores the new
key; the first head after it is signed by the old key and the new one, so that whoever trusts one can go on to the other.
"""

from __future__ import annotations

import functools

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.audit.heads import origin_of
from apps.audit.models import AuditSigningKey
from apps.audit.notes import Key, public_of
from apps.vault.errors import CannotOpen
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.current import key_service

CONTEXT = b"loanflow/audit-signing-key/v1\0"


class KeyNotOurs(Exception):
    """A row of the table of signing keys that the key service did not wrap."""


def newest_key() -> AuditSigningKey | None:
    """The key that signs now; ``None`` before there is one."""
    return AuditSigningKey.objects.order_by("-pk").first()


def store_new_key() -> AuditSigningKey:
    """Make a key and store it in the open transaction; the caller records the event that tells of it."""
    private = Ed25519PrivateKey.generate()
    public, before = public_of(private), newest_key()
    origin = before.origin if before is not None else origin_of(public)
    wrapped = key_service().wrap(private.private_bytes_raw(), _context(origin, public))
    return AuditSigningKey.objects.create(
        origin=origin, public=public, wrapped=wrapped.blob, root_key=wrapped.root_key_id
    )


def verifier_key(row: AuditSigningKey) -> Key:
    """The public key as signed notes name it."""
    return Key(row.origin, bytes(row.public))


def private_key(row: AuditSigningKey) -> Ed25519PrivateKey:
    """Unwrap a key; raises ``KeyNotOurs`` where row and key service disagree, ``KeysUnavailable`` while it is away."""
    return _unwrapped(row.origin, bytes(row.public), bytes(row.wrapped), row.root_key)


def is_ours(row: AuditSigningKey) -> bool:
    """Tell whether the key service has wrapped this key: who has only the database cannot make one."""
    try:
        private_key(row)
    except KeyNotOurs:
        return False
    return True


def forget_keys() -> None:
    """Let go of unwrapped keys."""
    _unwrapped.cache_clear()


@functools.lru_cache(maxsize=8)
def _unwrapped(origin: str, public: bytes, wrapped: bytes, root_key: str) -> Ed25519PrivateKey:
    try:
        material = key_service().unwrap(Wrapped(root_key, wrapped, _context(origin, public)))
        private = Ed25519PrivateKey.from_private_bytes(material)
    except (CannotOpen, ValueError):
        raise KeyNotOurs(f"a signing key of {origin} is not one that the key service has wrapped") from None
    if public_of(private) != public:
        raise KeyNotOurs(f"a signing key of {origin} does not belong to its public part")
    return private


def _context(origin: str, public: bytes) -> bytes:
    return CONTEXT + origin.encode() + b"\0" + public
