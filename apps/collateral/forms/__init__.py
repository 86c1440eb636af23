"""Forms of collateral."""

from apps.collateral.forms.assets import AssetForm, RegistrationForm, TitleForm
from apps.collateral.forms.burdens import InsuranceForm, LiensForm
from apps.collateral.forms.values import ConfirmForm, OrderForm, ValuationForm

__all__ = [
    "AssetForm", "ConfirmForm", "InsuranceForm", "LiensForm", "OrderForm", "RegistrationForm", "TitleForm", "ValuationForm",
]  # fmt: skip
