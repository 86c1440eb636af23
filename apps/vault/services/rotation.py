"""New keys for old: a new data key for an owner, values sealed anew under it, data keys wrapped anew under a new root key.

The old data key goes on opening what it sealed, so reads go on all the while and none is lost.
"""

from __future__ import annotations

from django.db import models, transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.vault import crypto
from apps.vault.errors import Forgotten
from apps.vault.fields import BlindIndexField, EncryptedField
from apps.vault.files import reseal_key
from apps.vault.keyservice.current import key_service
from apps.vault.models import DataKey, EncryptedFile, KeyOwner
from apps.vault.models.keys import KeyUse
from apps.vault.ports import port
from apps.vault.services.owners import installation_owner, key_create


def key_rotate(*, actor: Actor, owner: KeyOwner) -> None:
    """Give an owner a new data key; raises ``Forgotten`` where there is none to follow. Call it inside an act."""
    recorder = port.recorder
    with transaction.atomic():
        held = KeyOwner.objects.select_for_update().get(pk=owner.pk)
        old = DataKey.objects.live().filter(owner=held, use=KeyUse.DATA).first()
        if old is None:
            raise Forgotten
        old.retired_at = clock.now()
        old.save(update_fields=["retired_at"])
        new = key_create(held, KeyUse.DATA)
        recorder.rotated(actor=actor, subject=held, note={"old": old.key_id, "new": new.key_id.hex()})
    owner.remember_active(None)


def row_reseal(*, row: models.Model) -> bool:
    """Seal a row's values anew under its owner's active key; tells whether any was under another one."""
    stale = [
        field for field in row._meta.concrete_fields if isinstance(field, EncryptedField) and _is_stale(field, row)
    ]
    for field in stale:
        setattr(row, field.attname, getattr(row, field.attname).reveal())
    sources = {field.name for field in stale}
    indexes = {
        one.name for one in row._meta.concrete_fields if isinstance(one, BlindIndexField) and one.source in sources
    }
    if stale:
        row.save(update_fields=sources | indexes)
    return bool(stale)


def file_reseal(*, file: EncryptedFile) -> bool:
    """Seal a file's key and name anew; the content stays as it is under the file's own key."""
    changed = file.erased_at is None and crypto.key_id_of(bytes(file.file_key)) != file.owner.active_cipher().key_id
    if changed:
        reseal_key(file)
        file.save(update_fields=["file_key"])
    return row_reseal(row=file) or changed


def keys_rewrap(*, actor: Actor, limit: int = 1000) -> int:
    """Wrap up to ``limit`` data keys anew under the active root key; returns how many. Call it inside acts until it gives 0."""
    service, recorder = key_service(), port.recorder
    active = service.active()
    with transaction.atomic():
        stale = DataKey.objects.filter(destroyed_at=None).exclude(root_key_id=active)
        rows = list(stale.select_for_update(of=("self",)).select_related("owner").order_by("pk")[:limit])
        for row in rows:
            row.root_key_id, row.wrapped, _context = service.rewrap(row.as_wrapped())
            row.save(update_fields=["root_key_id", "wrapped"])
        if rows:
            recorder.rotated(actor=actor, subject=installation_owner(), note={"rewrapped": len(rows), "root": active})
    return len(rows)


def _is_stale(field: EncryptedField, row: models.Model) -> bool:
    held = getattr(row, field.attname)
    return held is not None and not field.is_current(row, held)
