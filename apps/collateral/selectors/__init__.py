"""Reads of collateral: facts on assets, the outcome for later stages, and looks into the file that are recorded."""

from apps.collateral.selectors.gathering import AssetKnown, asset_get, assets_known, assets_of, loan_of, weighed_now
from apps.collateral.selectors.outcome import CollateralOutcome, collateral_outcome, valuations_are_fresh
from apps.collateral.selectors.reading import collateral_file

__all__ = [
    "AssetKnown", "CollateralOutcome", "asset_get", "assets_known", "assets_of", "collateral_file", "collateral_outcome", "loan_of",
    "valuations_are_fresh", "weighed_now",
]  # fmt: skip
