"""The port through which reveals, rotations and forgetting reach the record. Audit fills it in ``ready()``; empty, it refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import Unavailable


class Recorder(Protocol):
    """What audit gives the vault. Each method raises when the record cannot be written; then nothing happens."""

    def revealed(self, *, actor: Actor, subject: models.Model, fields: Sequence[str], purpose: str) -> None:
        """Record, and commit, that values of ``subject`` are about to be shown in clear."""

    def rotated(self, *, actor: Actor, subject: models.Model, note: dict[str, Any]) -> None:
        """Record, in the open act, that an owner has a new data key."""

    def forgotten(self, *, actor: Actor, subject: models.Model, note: dict[str, Any]) -> None:
        """Record, in the open act, that an owner's keys were destroyed."""

    def if_undone(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called if the open act, or its part around this call, is rolled back."""


class Port:
    """Holds the recorder."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None

    def fill(self, recorder: Recorder | None) -> None:
        """Set the recorder; ``None`` empties the port."""
        self._recorder = recorder

    @property
    def recorder(self) -> Recorder:
        """The recorder; raises ``Unavailable`` while there is none."""
        if self._recorder is None:
            raise Unavailable(_("Nothing is opened while it cannot be recorded."))
        return self._recorder


port = Port()
"""The one of this process."""
