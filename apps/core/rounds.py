"""Jobs of the clock that apps on the top floor add: they do not know each other. Filled in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable

from apps.core.actor import Actor

rounds: dict[str, Callable[[Actor], int]] = {}


def go_round(words: str, job: Callable[[Actor], int]) -> None:
    """Add a job, by the words for its count; it may be run at any moment and as often as one likes."""
    rounds[words] = job
