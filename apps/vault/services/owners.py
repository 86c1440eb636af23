"""Owners of keys and the making of their keys."""

from __future__ import annotations

import re

from apps.vault.crypto import DataCipher, fresh_key_id, fresh_material
from apps.vault.indexkey import index_key_made
from apps.vault.keyring import keyring
from apps.vault.keyservice.current import key_service
from apps.vault.models import DataKey, KeyOwner
from apps.vault.models.keys import KeyUse, OwnerKind
from apps.vault.suites import suite_in_use

UNFIT = re.compile(r"[^a-z0-9 ._:/#-]")
LABEL = re.compile(r"[^ ]{0,80}|(?=.*\d).{1,80}")  # a handle, or words with a number: never a full name


def owner_create(*, kind: str, label: str = "") -> KeyOwner:
    """Make an owner with a data key of their own: two rows, no query afterwards to seal values with it.

    ``label`` is a reference such as ``import sba7a:1182`` or a handle; anything but plain letters, digits and a few marks
    becomes ``?``. Raises ``ValueError`` for words without a number, which could be somebody's name.
    """
    reference = UNFIT.sub("?", label.lower())
    if not LABEL.fullmatch(reference):
        raise ValueError("the label of a key owner is a reference, never a name")
    owner = KeyOwner(kind=OwnerKind(kind), label=reference)
    owner.save()
    key_create(owner, KeyUse.DATA)
    return owner


def installation_owner() -> KeyOwner:
    """Return the owner of what belongs to no person; made, with the index key, at first use (inside an act)."""
    found = KeyOwner.objects.filter(kind=OwnerKind.INSTALLATION).first()
    return found if found is not None else _installation_create()


def _installation_create() -> KeyOwner:
    owner = owner_create(kind=OwnerKind.INSTALLATION)
    index_key_made(key_create(owner, KeyUse.INDEX).key_id)
    return owner


def key_create(owner: KeyOwner, use: KeyUse) -> DataCipher:
    """Draw, wrap and store a key; for values it becomes the one that seals."""
    suite = suite_in_use()
    cipher = DataCipher(fresh_key_id(), suite, fresh_material(suite))
    row = DataKey(owner=owner, use=use, key_id=cipher.key_id.hex(), suite=suite)
    row.root_key_id, row.wrapped, _context = key_service().wrap(cipher.material, row.as_wrapped().context)
    row.save()
    keyring.put(cipher)
    if use is KeyUse.DATA:
        owner.remember_active(cipher.key_id)
    return cipher
