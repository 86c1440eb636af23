"""Showing values in clear, after the look has been recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from apps.core.actor import Actor
from apps.vault.ports import port


def reveal(*, actor: Actor, row: models.Model, fields: Sequence[str], purpose: str) -> dict[str, Any]:
    """Record a read, then return the plain values of encrypted fields by name; ``None`` where there is none."""
    port.recorder.revealed(actor=actor, subject=row, fields=fields, purpose=purpose)
    return {name: held if (held := getattr(row, name)) is None else held.reveal() for name in fields}
