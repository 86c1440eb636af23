"""Writes of the vault: owners, their keys, revealing and forgetting.

Called inside an act of a higher app, which records it; what only the vault can tell goes through ``ports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models

from apps.core.actor import Actor
from apps.vault.crypto import DataCipher, Suite, fresh_key_id, fresh_material
from apps.vault.indexkey import index_key_made
from apps.vault.keyring import keyring
from apps.vault.keyservice.current import key_service
from apps.vault.models import DataKey, KeyOwner
from apps.vault.models.keys import KeyUse, OwnerKind
from apps.vault.ports import port


def owner_create(*, kind: str, label: str = "") -> KeyOwner:
    """Make an owner with a data key of their own; two rows. ``label`` is a reference, never a name."""
    owner = KeyOwner(kind=OwnerKind(kind), label=label)
    owner.save()
    _key_create(owner, KeyUse.DATA)
    return owner


def installation_owner() -> KeyOwner:
    """Return the owner of what belongs to no person; made, with the index key, at first use (inside an act)."""
    found = KeyOwner.objects.filter(kind=OwnerKind.INSTALLATION).first()
    return found if found is not None else _installation_create()


def _installation_create() -> KeyOwner:
    owner = owner_create(kind=OwnerKind.INSTALLATION)
    index_key_made(_key_create(owner, KeyUse.INDEX).key_id)
    return owner


def _key_create(owner: KeyOwner, use: KeyUse) -> DataCipher:
    suite = Suite(getattr(settings, "LOANFLOW_SUITE", Suite.AES_256_GCM))
    cipher = DataCipher(fresh_key_id(), suite, fresh_material(suite))
    row = DataKey(owner=owner, use=use, key_id=cipher.key_id.hex(), suite=suite)
    row.root_key_id, row.wrapped, _context = key_service().wrap(cipher.material, row.context())
    row.save()
    keyring.put(cipher)
    if use is KeyUse.DATA:
        owner.remember_active(cipher.key_id)
    return cipher


def reveal(*, actor: Actor, row: models.Model, fields: Sequence[str], purpose: str) -> dict[str, Any]:
    """Record a read, then return the plain values of encrypted fields by name; ``None`` where there is none."""
    port.recorder.revealed(actor=actor, subject=row, fields=fields, purpose=purpose)
    return {name: held if (held := getattr(row, name)) is None else held.reveal() for name in fields}
