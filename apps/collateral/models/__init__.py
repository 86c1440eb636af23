"""Assets, what weighs on them, what covers them, what they are worth, and what the check came to."""

from apps.collateral.models.assets import Asset
from apps.collateral.models.burdens import Insurance, Lien, LienCheck
from apps.collateral.models.values import Confirmation, Source, Valuation, ValuationState

__all__ = ["Asset", "Confirmation", "Insurance", "Lien", "LienCheck", "Source", "Valuation", "ValuationState"]
