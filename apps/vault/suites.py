"""Which cipher suite new keys and new files get; what is sealed already keeps the one that its header names."""

from __future__ import annotations

from django.conf import settings

from apps.vault.crypto import Suite


def suite_of(name: str) -> Suite:
    """Return the suite of a name such as ``sm4-gcm``; raises ``KeyError`` for another."""
    return Suite[name.upper().replace("-", "_")]


def suite_in_use() -> Suite:
    """Return the suite that ``LOANFLOW_SUITE`` names."""
    return suite_of(settings.LOANFLOW_SUITE)
