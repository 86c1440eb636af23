"""Changes all keys while reads and writes go on: a run that is kept in the database, taken in steps, each an act of its own.

A root key's change wraps every data key anew. A change of data keys gives every owner a new one, then seals their rows anew,
table by table. Old data keys stay: they open what a process sealed with them meanwhile, and the log's commitments.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.vault.keyservice.current import key_service
from apps.vault.models import DataKey, KeyOwner, KeyRotation, RotationKind
from apps.vault.services import keys_rewrap, keys_rotate, rows_reseal, sealed_models

BATCH = 200


@act
def rotation_begin(*, actor: Actor, kind: RotationKind) -> KeyRotation:
    """Begin a change of keys, or return the one that was interrupted."""
    held = KeyRotation.objects.select_for_update().filter(kind=kind, finished_at=None).first()
    if held is not None:
        return held
    root = key_service().renew() if kind == RotationKind.ROOT else ""
    made = KeyRotation.objects.create(kind=kind, root_key_id=root)
    record(Tag.ROOT_ROTATED if root else Tag.JOB_STARTED, actor=actor, subject=made, note={"kind": str(kind)})
    return made


def rotation_run(*, actor: Actor, run: KeyRotation) -> Iterator[int]:
    """Take steps until nothing is left; yields how many keys and rows each has looked at."""
    while (seen := rotation_step(actor=actor, run=run)) is not None:
        yield seen


@act
def rotation_step(*, actor: Actor, run: KeyRotation) -> int | None:
    """Take one step of a change; returns how many keys or rows it has looked at, ``None`` once all is done."""
    held = KeyRotation.objects.select_for_update().get(pk=run.pk)
    if held.finished_at is not None:
        return None
    seen = _rewrapped(actor, held) if held.kind == RotationKind.ROOT else _resealed(actor, held)
    held.save()
    finished = held.finished_at is not None
    record(Tag.JOB_FINISHED if finished else Tag.KEY_ROTATED, actor=actor, subject=held, note={"done": held.done})
    return seen


def _rewrapped(actor: Actor, run: KeyRotation) -> int:
    count = keys_rewrap(actor=actor, limit=BATCH)
    run.done += count
    if not count:
        run.finished_at = clock.now()
    return count


def _resealed(actor: Actor, run: KeyRotation) -> int:
    if not run.stage:
        batch = keys_rotate(actor=actor, before=run.created_at, after=run.cursor, limit=BATCH)
    else:
        batch = rows_reseal(actor=actor, model=_stages()[run.stage], after=run.cursor, limit=BATCH)
    run.done += batch.changed
    run.cursor = batch.last
    if not batch.seen:
        _next_stage(run)
    return batch.seen


def _next_stage(run: KeyRotation) -> None:
    left = [label for label in _stages() if label > run.stage]
    run.stage, run.cursor = (left[0], 0) if left else (run.stage, 0)
    if not left:
        run.finished_at = clock.now()


def _stages() -> dict[str, type[models.Model]]:
    return {model._meta.label: model for model in sealed_models()}


def rotation_size(kind: RotationKind) -> int:
    """How many keys and rows a change will look at, for its progress bar."""
    if kind == RotationKind.ROOT:
        return DataKey.objects.filter(destroyed_at=None).count()
    return KeyOwner.objects.count() + sum(model._base_manager.count() for model in sealed_models())
