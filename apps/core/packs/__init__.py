"""Jurisdiction packs: everything that belongs to a country, as data; nothing of a country stands in the stage apps."""

from __future__ import annotations

from apps.core.packs import cn, generic, us
from apps.core.packs.shape import AssetClass, FirstLending, IdentifierKind, LegalClock, Pack, RequiredDocument

PACKS: dict[str, Pack] = {pack.code: pack for pack in (cn.PACK, us.PACK, generic.PACK)}


def pack_for(code: str) -> Pack:
    """Return a pack by its code (``cn``, ``us``, ``generic``); raises ``KeyError`` for another."""
    return PACKS[code]


__all__ = [
    "PACKS",
    "AssetClass",
    "FirstLending",
    "IdentifierKind",
    "LegalClock",
    "Pack",
    "RequiredDocument",
    "pack_for",
]
