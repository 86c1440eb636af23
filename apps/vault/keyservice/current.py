"""Chooses the key service that the settings name. Those that need more than LoanFlow itself are loaded when they are named."""

from __future__ import annotations

import functools
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from apps.vault.errors import KeysUnavailable
from apps.vault.keyservice.base import KeyService
from apps.vault.keyservice.local import LocalFile

LOCAL = "file"
REMOTE = {"transit": "apps.vault.keyservice.transit.Transit", "kms": "apps.vault.keyservice.kms.Kms"}


def key_service() -> KeyService:
    """Return the installation's key service (``LOANFLOW_KEY_SERVICE``): the local file, Vault transit or AWS KMS.

    Raises ``KeysUnavailable`` where the settings say too little of it.
    """
    if settings.LOANFLOW_KEY_SERVICE == LOCAL:
        return _local(Path(settings.LOANFLOW_KEY_FILE))
    return _remote(settings.LOANFLOW_KEY_SERVICE)


@functools.lru_cache(maxsize=4)
def _local(path: Path) -> KeyService:
    return LocalFile(path)


@functools.lru_cache(maxsize=4)
def _remote(name: str) -> KeyService:
    try:
        made: KeyService = import_string(REMOTE[name]).from_settings()
    except ImportError:
        words = _("The key service %(name)s needs packages that are not installed.") % {"name": name}
        raise KeysUnavailable(words) from None
    return made


def forget_key_service() -> None:
    """Drop what was read, so that the next use reads the key file or the settings again."""
    _local.cache_clear()
    _remote.cache_clear()
