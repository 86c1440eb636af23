"""Message authentication codes: each body under a key of the writing process that the database never sees in clear.

The key is made at a process's first act, wrapped by the key service and stored in ``audit_mac_key``. A row stored in a
transaction that rolls back is stored again by the next act: it counts as stored for a connection once it has committed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import secrets
import threading
import weakref
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.audit.models import AuditMacKey
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.current import key_service

CONTEXT = b"loanflow/audit-mac-key/v1\0"
BLOCK_BYTES = 64  # of SHA-256


class Coder:
    """HMAC-SHA-256 under one key (RFC 2104), whose two padded halves are hashed once: for many bodies, at a third of the time."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        if len(key) > BLOCK_BYTES:
            raise ValueError("a code key is no longer than a block")
        padded = key.ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(one ^ 0x36 for one in padded))
        self._outer = hashlib.sha256(bytes(one ^ 0x5C for one in padded))

    def code(self, body: str) -> str:
        """What ``code`` returns for this key."""
        return self.code_of(body.encode())

    def code_of(self, data: bytes) -> str:
        """The code of a body's UTF-8 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.hexdigest()


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class MacKey:
    """A process's key and what the database may hold of it."""

    id: str
    material: bytes
    wrapped: Wrapped
    coder: Coder


class _Process:
    """The key of this process, and the database sessions known to hold its row."""

    def __init__(self) -> None:
        self.key: MacKey | None = None
        self.lock = threading.Lock()
        self.stored: weakref.WeakKeyDictionary[BaseDatabaseWrapper, Any] = weakref.WeakKeyDictionary()


_process = _Process()


def mac_key() -> MacKey:
    """Return this process's key, made at the first call; raises ``KeysUnavailable`` while the key service is away."""
    with _process.lock:
        if _process.key is None:
            _process.key = _new_key()
        return _process.key


def _new_key() -> MacKey:
    name, material = secrets.token_hex(8), secrets.token_bytes(32)
    return MacKey(name, material, key_service().wrap(material, CONTEXT + name.encode()), Coder(material))


STORE = """
INSERT INTO audit_mac_key (id, wrapped, root_key) SELECT %s, %s, %s
WHERE NOT EXISTS (SELECT 1 FROM audit_mac_key WHERE id = %s) ON CONFLICT DO NOTHING
"""


def ensure_stored(key: MacKey) -> None:
    """Store the key's row in the open transaction unless this database session is known to hold it."""
    wrapper = transaction.get_connection()
    session = wrapper.connection
    if _process.stored.get(wrapper) is session:
        return
    with wrapper.cursor() as cursor:
        cursor.execute(STORE, [key.id, key.wrapped.blob, key.wrapped.root_key_id, key.id])
    transaction.on_commit(lambda: _process.stored.__setitem__(wrapper, session))


def code(key: bytes, body: str) -> str:
    """HMAC-SHA-256 of a body, in hexadecimal."""
    return hmac.digest(key, body.encode(), "sha256").hex()


def unwrapped(row: AuditMacKey) -> bytes:
    """Return a stored key's material; raises ``CannotOpen`` when the row isn't what the key service wrapped."""
    return key_service().unwrap(Wrapped(row.root_key, bytes(row.wrapped), CONTEXT + row.id.encode()))


def forget() -> None:
    """Let go of the key: the next act makes another. Run in each forked child, whose codes must not be its parent's."""
    global _process  # noqa: PLW0603 - the parent's lock may be held by a thread that the child does not have
    _process = _Process()


os.register_at_fork(after_in_child=forget)
