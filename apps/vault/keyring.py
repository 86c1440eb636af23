"""Unwrapped data keys, in memory only: bounded in number, dropped as a whole every few minutes, never persisted.

Keys come in batches: rows that are loaded note the key ids they name, and the first value opened fetches and unwraps all of
them with one query and one call of the key service. A page of fifty rows costs one query, not fifty.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection

from apps.vault.crypto import HEAD_BYTES, DataCipher
from apps.vault.errors import CannotOpen, Forgotten

if TYPE_CHECKING:
    from apps.vault.models.keys import DataKey, DataKeys

LIMIT = 20_000
LIFETIME = 300.0  # seconds; how long another process may still open what was forgotten here
BATCH = 500
NOTED = 6 * BATCH  # several values a row


class Keyring:
    """A bounded cache of data keys that knows how to fetch more."""

    def __init__(self, *, limit: int = LIMIT, lifetime: float = LIFETIME) -> None:
        self._limit, self._lifetime = limit, lifetime
        self._ciphers: dict[bytes, DataCipher] = {}
        self._gone: set[bytes] = set()
        self._until = monotonic() + lifetime
        self._noted: deque[bytes] = deque(maxlen=NOTED)
        self.note = self._noted.append
        """Remember that a row was loaded with an envelope, so that its key comes with the next batch."""
        self._lock = threading.Lock()

    def cipher(self, key_id: bytes) -> DataCipher:
        """Return the key, fetching it and all noted ones if need be.

        Raises ``Forgotten`` for a destroyed key, ``CannotOpen`` for an unknown or damaged one, ``KeysUnavailable``.
        """
        if monotonic() < self._until and (found := self._ciphers.get(key_id)):
            return found
        return self._fetch(key_id)

    def warm(self, key_ids: Iterable[bytes]) -> None:
        """Fetch keys ahead, for those who walk rows one by one."""
        self._lapse()
        missing = set(key_ids) - self._ciphers.keys()
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
            self._ciphers, self._gone = {}, set()
            self._until = monotonic() + self._lifetime

    def __len__(self) -> int:
        return len(self._ciphers)

    def _lapse(self) -> None:
        if monotonic() >= self._until:
            self.clear()

    def _fetch(self, key_id: bytes) -> DataCipher:
        self._lapse()
        if key_id in self._gone:
            raise Forgotten
        found = self._load({key_id} | self._noted_and_missing()).get(key_id)
        if found is None:
            raise self._why_not(key_id)
        return found

    def _why_not(self, key_id: bytes) -> CannotOpen:
        """Tell a destroyed key from one that is not ours; what is destroyed for good is remembered, for the rest of the page."""
        if not _data_keys({key_id}).exclude(destroyed_at=None).exists():
            return CannotOpen()
        if not connection.in_atomic_block:  # inside, the destruction may be this transaction's own and be rolled back
            self._gone.add(key_id)
        return Forgotten()

    def _noted_and_missing(self) -> set[bytes]:
        """Take the key ids of the rows loaded last, no more than a batch of those that are not at hand."""
        key_ids = dict.fromkeys(envelope[2:HEAD_BYTES] for envelope in reversed(self._noted.copy()) if envelope)
        self._noted.clear()
        return set(itertools.islice((key_id for key_id in key_ids if key_id not in self._ciphers), BATCH))

    def _load(self, key_ids: set[bytes]) -> dict[bytes, DataCipher]:
        loaded = _data_keys(key_ids).filter(destroyed_at=None).unwrapped()
        for cipher in loaded:
            self.put(cipher)
        return {cipher.key_id: cipher for cipher in loaded}


def _data_keys(key_ids: set[bytes]) -> DataKeys:
    model: type[DataKey] = apps.get_model("vault", "DataKey")  # the models need this module first
    return model.objects.filter(key_id__in=[key_id.hex() for key_id in key_ids])


keyring = Keyring()
"""The one of this process."""
