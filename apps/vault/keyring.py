"""Unwrapped data keys, in memory only: bounded in number, dropped as a whole every few minutes, never persisted.

Keys come in batches: rows that are loaded note the key ids they name, and the first value opened fetches and unwraps all of
them with one query and one call of the key service. A page of fifty rows costs one query, not fifty.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import QuerySet

from apps.vault.crypto import DataCipher
from apps.vault.errors import CannotOpen, Forgotten
from apps.vault.keyservice.current import key_service

if TYPE_CHECKING:
    from apps.vault.models import DataKey

LIMIT = 20_000
LIFETIME = 300.0  # seconds; how long another process may still open what was forgotten here
BATCH = 512


class _Noted(threading.local):
    """Key ids of rows loaded in this thread whose keys are not at hand yet."""

    def __init__(self) -> None:
        self.key_ids: deque[bytes] = deque(maxlen=BATCH)


class Keyring:
    """A bounded cache of data keys that knows how to fetch more."""

    def __init__(self, *, limit: int = LIMIT, lifetime: float = LIFETIME) -> None:
        self._limit, self._lifetime = limit, lifetime
        self._ciphers: dict[bytes, DataCipher] = {}
        self._until = time.monotonic() + lifetime
        self._noted = _Noted()
        self._lock = threading.Lock()

    def note(self, key_id: bytes) -> None:
        """Remember that a loaded row names a key, so that it comes with the next batch."""
        if key_id not in self._fresh():
            self._noted.key_ids.append(key_id)

    def cipher(self, key_id: bytes) -> DataCipher:
        """Return the key, fetching it and all noted ones if need be.

        Raises ``Forgotten`` for a destroyed key, ``CannotOpen`` for an unknown or damaged one, ``KeysUnavailable``.
        """
        found = self._fresh().get(key_id)
        return found if found is not None else self._fetch(key_id)

    def warm(self, key_ids: Iterable[bytes]) -> None:
        """Fetch keys ahead, for those who walk rows one by one."""
        missing = set(key_ids) - self._fresh().keys()
        if missing:
            self._load(missing)

    def put(self, cipher: DataCipher) -> None:
        """Keep a key; the oldest goes when there are too many."""
        with self._lock:
            self._ciphers[cipher.key_id] = cipher
            while len(self._ciphers) > self._limit:
                del self._ciphers[next(iter(self._ciphers))]

    def drop(self, key_id: bytes) -> None:
        """Let go of a key."""
        with self._lock:
            self._ciphers.pop(key_id, None)

    def clear(self) -> None:
        """Let go of all keys."""
        with self._lock:
            self._ciphers = {}
            self._until = time.monotonic() + self._lifetime
        self._noted.key_ids.clear()

    def __len__(self) -> int:
        return len(self._ciphers)

    def _fresh(self) -> dict[bytes, DataCipher]:
        if time.monotonic() >= self._until:
            self.clear()
        return self._ciphers

    def _fetch(self, key_id: bytes) -> DataCipher:
        wanted = {key_id, *self._noted.key_ids}
        self._noted.key_ids.clear()
        found = self._load(wanted).get(key_id)
        if found is None:
            raise _why_not(key_id)
        return found

    def _load(self, key_ids: set[bytes]) -> dict[bytes, DataCipher]:
        rows = list(_data_keys(key_ids).filter(destroyed_at=None).select_related("owner"))
        materials = key_service().unwrap_many([row.as_wrapped() for row in rows])
        loaded = [
            row.as_cipher(material) for row, material in zip(rows, materials, strict=True) if material is not None
        ]
        for cipher in loaded:
            self.put(cipher)
        return {cipher.key_id: cipher for cipher in loaded}


def _why_not(key_id: bytes) -> CannotOpen:
    return Forgotten() if _data_keys({key_id}).exclude(destroyed_at=None).exists() else CannotOpen()


def _data_keys(key_ids: set[bytes]) -> QuerySet[DataKey]:
    model: type[DataKey] = apps.get_model("vault", "DataKey")  # the models need this module first
    return model._default_manager.filter(key_id__in=[key_id.hex() for key_id in key_ids])


keyring = Keyring()
"""The one of this process."""
