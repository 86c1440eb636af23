"""Forgetting an owner: their wrapped keys are destroyed and their blind indexes cleared; what was sealed stays shut."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.vault import blind
from apps.vault.fields import BlindIndexField
from apps.vault.keyring import keyring
from apps.vault.models import DataKey, KeyOwner
from apps.vault.models.keys import OwnerKind
from apps.vault.ports import port


def owner_forget(*, actor: Actor, owner: KeyOwner) -> int:
    """Destroy all keys of an owner and clear the blind indexes of their rows; returns the number of keys destroyed.

    Call it inside an act that has checked retention and legal holds. Raises ``Refused`` for the installation. Another process
    that holds a key in memory lets go of it within ``keyring.LIFETIME`` seconds; copies in backups are beyond reach.
    """
    recorder = port.recorder
    if owner.kind == OwnerKind.INSTALLATION:
        raise Refused("installation", _("The installation's own keys cannot be destroyed."), subject=owner)
    with transaction.atomic():
        held = KeyOwner.objects.select_for_update().get(pk=owner.pk)
        keys = list(held.keys.filter(destroyed_at=None))
        for key in keys:
            _destroy(key)
        cleared = sum(_clear(index, held) for index in blind.indexes())
        recorder.forgotten(actor=actor, subject=held, note={"keys": len(keys), "indexes": cleared})
    owner.remember_active(None)
    return len(keys)


def _destroy(key: DataKey) -> None:
    """Empty the wrapped key; let go of it in memory now, and once more when nobody can fetch it any longer."""
    key_id = bytes.fromhex(key.key_id)
    key.wrapped, key.destroyed_at = b"", clock.now()
    key.save(update_fields=["wrapped", "destroyed_at"])
    keyring.drop(key_id)
    transaction.on_commit(lambda: keyring.drop(key_id))


def _clear(index: BlindIndexField, owner: KeyOwner) -> int:
    """Clear one index in all rows of an owner, row by row, so that each is recorded as changed."""
    rows: models.QuerySet[models.Model] = index.model._default_manager.filter(
        **{index.owner_lookup: owner, f"{index.attname}__isnull": False}
    )
    for row in rows:
        setattr(row, index.attname, None)
        row.save(update_fields=[index.name])
    return len(rows)
