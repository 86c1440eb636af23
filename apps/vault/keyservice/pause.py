"""A short memory of a service that is away: a page of masked values asks it once, not three hundred times."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from time import monotonic

from apps.vault.errors import KeysUnavailable

SECONDS = 3.0


class Pause:
    """After a failure nothing is asked for ``SECONDS``; what was said of it is said again. Never grants anything."""

    def __init__(self) -> None:
        self._until, self._sentence = 0.0, ""

    @contextlib.contextmanager
    def guarding(self) -> Iterator[None]:
        """Run a call to the service, or raise ``KeysUnavailable`` at once while it is known to be away."""
        if monotonic() < self._until:
            raise KeysUnavailable(self._sentence)
        try:
            yield
        except KeysUnavailable as away:
            self._until, self._sentence = monotonic() + SECONDS, str(away)
            raise
