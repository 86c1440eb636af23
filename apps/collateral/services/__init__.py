"""Writes of collateral. Every service locks the case, compares the version its user saw, and records what it did."""

from apps.collateral.services.assets import AssetData, asset_add, asset_register, asset_remove, title_verify
from apps.collateral.services.burdens import LienFound, insurance_record, lien_record
from apps.collateral.services.confirming import collateral_confirm
from apps.collateral.services.releasing import release_ask, release_confirm
from apps.collateral.services.values import valuation_cancel, valuation_order, valuation_record

__all__ = [
    "AssetData", "LienFound", "asset_add", "asset_register", "asset_remove", "collateral_confirm", "insurance_record", "lien_record",
    "release_ask", "release_confirm", "title_verify", "valuation_cancel", "valuation_order", "valuation_record",
]  # fmt: skip
