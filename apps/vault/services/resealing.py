"""Sealing whole tables anew, a batch of rows at a time, each batch in the caller's act.

Rows are locked before they are read, so that no change made meanwhile is lost; whoever only reads is never in the way: the
old keys go on opening what they sealed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from apps.core.actor import Actor
from apps.vault.fields import EncryptedField
from apps.vault.models import DataKey, EncryptedFile, KeyOwner
from apps.vault.models.keys import KeyUse
from apps.vault.ports import port
from apps.vault.services.owners import installation_owner
from apps.vault.services.rotation import file_reseal, key_rotate, row_reseal


class Batch(NamedTuple):
    """What one batch did: the last primary key (0 when there was none), how many were looked at, how many changed."""

    last: int
    seen: int
    changed: int


def sealed_models() -> list[type[models.Model]]:
    """Return LoanFlow's models that hold encrypted fields, in a stable order."""
    own = (model for model in apps.get_models() if model.__module__.startswith("apps.") and model._meta.managed)
    return sorted((model for model in own if owner_paths(model)), key=lambda model: model._meta.label)


def owner_paths(model: type[models.Model]) -> list[str]:
    """Return how rows of a model reach the owners of their encrypted fields, as paths of look-ups."""
    fields = (field for field in model._meta.concrete_fields if isinstance(field, EncryptedField))
    return sorted({field.owner.replace(".", "__") for field in fields})


def keys_rotate(*, actor: Actor, before: dt.datetime, after: int, limit: int) -> Batch:
    """Give up to ``limit`` owners beyond the primary key ``after`` new data keys, if theirs is from ``before``."""
    owners = list(KeyOwner.objects.filter(pk__gt=after).order_by("pk")[:limit])
    stale = set(
        DataKey.objects.live()
        .filter(owner__in=owners, use=KeyUse.DATA, created_at__lt=before)
        .values_list("owner_id", flat=True)
    )
    for owner in owners:
        if owner.pk in stale:
            key_rotate(actor=actor, owner=owner)
    return Batch(owners[-1].pk if owners else 0, len(owners), len(stale))


def rows_reseal(*, actor: Actor, model: type[models.Model], after: int, limit: int) -> Batch:
    """Seal up to ``limit`` rows beyond the primary key ``after`` anew where they are under an old key of their owner's.

    Rows of forgotten owners stay as they are.
    """
    recorder, paths = port.recorder, owner_paths(model)
    rows = list(
        model._base_manager.filter(pk__gt=after)
        .select_for_update(of=("self",))
        .select_related(*paths)
        .order_by("pk")[:limit]
    )
    _remember_active(rows, paths)
    changed = sum(_reseal(row) for row in rows if all(owner is None or _lives(owner) for owner in _owners(row, paths)))
    if changed:
        note = {"model": model._meta.label, "resealed": changed}
        recorder.rotated(actor=actor, subject=installation_owner(), note=note)
    return Batch(rows[-1].pk if rows else 0, len(rows), changed)


def _reseal(row: models.Model) -> bool:
    return file_reseal(file=row) if isinstance(row, EncryptedFile) else row_reseal(row=row)


def _remember_active(rows: Iterable[models.Model], paths: list[str]) -> None:
    """Ask once which keys seal for the owners of all rows."""
    owners = [owner for row in rows for owner in _owners(row, paths) if owner is not None]
    keys = DataKey.objects.live().filter(use=KeyUse.DATA, owner_id__in={owner.pk for owner in owners})
    active = {pk: bytes.fromhex(key_id) for pk, key_id in keys.values_list("owner_id", "key_id")}
    for owner in owners:
        owner.remember_active(active.get(owner.pk))


def _lives(owner: KeyOwner) -> bool:
    return owner.__dict__.get("_active_key_id") is not None


def _owners(row: Any, paths: list[str]) -> list[KeyOwner | None]:
    found = []
    for path in paths:
        held = row
        for step in path.split("__"):
            held = getattr(held, step, None)
        found.append(held)
    return found
