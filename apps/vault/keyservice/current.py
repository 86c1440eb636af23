"""Chooses the key service that the settings name."""

from __future__ import annotations

import functools
from pathlib import Path

from django.conf import settings

from apps.vault.keyservice.base import KeyService
from apps.vault.keyservice.local import LocalFile


def key_service() -> KeyService:
    """Return the installation's key service: the local file ``LOANFLOW_KEY_FILE``."""
    return _local(Path(settings.LOANFLOW_KEY_FILE))


@functools.lru_cache(maxsize=4)
def _local(path: Path) -> KeyService:
    return LocalFile(path)


def forget_key_service() -> None:
    """Drop what was read, so that the next use reads the key file again."""
    _local.cache_clear()
