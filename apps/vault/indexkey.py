"""The installation's index key, at hand without a query once it is known to be committed."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.vault.crypto import DataCipher
from apps.vault.errors import KeysUnavailable
from apps.vault.keyring import keyring

_committed: dict[str, bytes] = {}
_uncommitted: set[bytes] = set()
_at_hand: tuple[Any, bytes] | None = None


def index_key() -> DataCipher:
    """Return the index key; raises ``KeysUnavailable`` before the installation is made."""
    database = str(connection.settings_dict["NAME"])
    key_id = _committed.get(database) or _of_this_transaction()
    if key_id is None:
        key_id = _find()
        # an index key whose making is rolled back must not index another row
        if key_id not in _uncommitted:
            _committed[database] = key_id
        else:
            _hold(key_id)
    return keyring.cipher(key_id)


def _of_this_transaction() -> bytes | None:
    """The key found earlier in this transaction: Django puts another list of hooks in place whenever something rolls back."""
    return _at_hand[1] if _at_hand is not None and _at_hand[0] is connection.run_on_commit else None


def _hold(key_id: bytes) -> None:
    global _at_hand  # noqa: PLW0603 - one pair, put in place as a whole
    _at_hand = (connection.run_on_commit, key_id)


def index_key_made(key_id: bytes) -> None:
    """Hold a new index key back from other transactions until its own has committed."""
    _hold(key_id)
    _uncommitted.add(key_id)
    transaction.on_commit(lambda: _uncommitted.discard(key_id))


def forget_index_key() -> None:
    """Ask the database again at next use."""
    global _at_hand  # noqa: PLW0603
    _committed.clear()
    _at_hand = None


def _find() -> bytes:
    keys = apps.get_model("vault", "DataKey")._default_manager.filter(retired_at=None, destroyed_at=None)
    key_id = keys.filter(use="index", owner__kind="installation").values_list("key_id", flat=True).first()
    if key_id is None:
        raise KeysUnavailable(_("This installation has no keys yet: run manage.py init."))
    return bytes.fromhex(key_id)
