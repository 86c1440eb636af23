"""Whether an event's code fits its body, under keys that were unwrapped once: bounded, in memory only."""

from __future__ import annotations

import functools
import hmac

from apps.audit.mac import Coder, unwrapped
from apps.audit.models import AuditMacKey
from apps.vault.errors import CannotOpen

KEPT = 1024


class _NotOurs(Exception):
    """Kept out of the cache: a key may be stored a moment later."""


def coder_of(name: str) -> Coder | None:
    """Return what makes a key's codes; ``None`` where it is missing or the key service did not wrap it.

    Raises ``KeysUnavailable`` while the key service is away.
    """
    try:
        return _coder(name)
    except _NotOurs:
        return None


def fits(key: str, body: str, given: str) -> bool:
    """Tell whether a code was made of this body under the named key."""
    coder = coder_of(key)
    return coder is not None and hmac.compare_digest(coder.code(body).encode(), given.encode())


def forget_keys() -> None:
    """Let go of unwrapped keys, so that the next use asks anew."""
    _coder.cache_clear()


@functools.lru_cache(maxsize=KEPT)
def _coder(name: str) -> Coder:
    row = AuditMacKey.objects.filter(pk=name).first()
    try:
        if row is not None:
            return Coder(unwrapped(row))
    except CannotOpen:
        pass
    raise _NotOurs
