"""Fills the vault's port: reveals, rotations and forgetting are events like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model

from apps.audit import acts
from apps.audit.services import record, record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor


class VaultRecorder:
    """The vault's ``Recorder``."""

    def revealed(self, *, actor: Actor, subject: Model, fields: Sequence[str], purpose: str) -> None:
        """Record, and commit, that values of ``subject`` are about to be shown in clear."""
        record_read(Tag.REVEALED, actor=actor, subject=subject, fields=fields, purpose=purpose)

    def rotated(self, *, actor: Actor, subject: Model, note: dict[str, Any]) -> None:
        """Record, in the open act, that an owner has a new data key."""
        record(Tag.KEY_ROTATED, actor=actor, subject=subject, note=note)

    def forgotten(self, *, actor: Actor, subject: Model, note: dict[str, Any]) -> None:
        """Record, in the open act, that an owner's keys were destroyed."""
        record(Tag.OWNER_FORGOTTEN, actor=actor, subject=subject, note=note)

    def if_undone(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called if the open act, or its part around this call, is rolled back."""
        acts.if_undone(undo)
