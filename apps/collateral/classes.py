"""Classes of collateral of the installation's jurisdiction pack."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.borrowers.writing import pack_in_use
from apps.core.packs import AssetClass


def asset_classes() -> dict[str, AssetClass]:
    """Classes by code."""
    return {each.code: each for each in pack_in_use().asset_classes}


def class_of(code: str, known: dict[str, AssetClass] | None = None) -> AssetClass:
    """The class of a code; for one that the pack no longer knows, a class that nothing is lent against."""
    found = (asset_classes() if known is None else known).get(code)
    return found or AssetClass(code, code, Decimal("0.99"), 0, "")


def class_choices() -> list[tuple[str, Any]]:
    """Classes to choose from."""
    return [(each.code, each.label) for each in asset_classes().values()]
