"""Whether an event's code fits its body, under keys that were unwrapped once: bounded, in memory only."""

from __future__ import annotations

import functools
import hmac

from apps.audit.mac import code, unwrapped
from apps.audit.models import AuditMacKey
from apps.vault.errors import CannotOpen

KEPT = 1024


class _NotOurs(Exception):
    """Kept out of the cache: a key may be stored a moment later."""


def known_key(name: str) -> bytes | None:
    """Return a key's material; ``None`` where it is missing or the key service did not wrap it.

    Raises ``KeysUnavailable`` while the key service is away.
    """
    try:
        return _material(name)
    except _NotOurs:
        return None


def fits(key: str, body: str, given: str) -> bool:
    """Tell whether a code was made of this body under the named key."""
    material = known_key(key)
    return material is not None and hmac.compare_digest(code(material, body).encode(), given.encode())


def forget_keys() -> None:
    """Let go of unwrapped keys, so that the next use asks anew."""
    _material.cache_clear()


@functools.lru_cache(maxsize=KEPT)
def _material(name: str) -> bytes:
    row = AuditMacKey.objects.filter(pk=name).first()
    try:
        if row is not None:
            return unwrapped(row)
    except CannotOpen:
        pass
    raise _NotOurs
