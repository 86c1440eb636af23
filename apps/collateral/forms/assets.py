"""Forms about the asset itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.collateral.classes import class_choices, class_of
from apps.collateral.models import Asset
from apps.credit_review.forms.offering import day_field, offer
from apps.credit_review.forms.people import PartyChoice, people_of
from apps.workflow.forms import CaseForm


class AssetForm(CaseForm):
    """A new asset."""

    asset_class = forms.ChoiceField(
        label=_("Class"), help_text=_("The class sets the haircut and how long a valuation stands.")
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=300,
        help_text=_("What it is, such as “Workshop, 840 m²”. No names, no addresses."),
    )
    owner = PartyChoice(label=_("Owner"), required=False)
    title_no = forms.CharField(label=_("Number of the title"), max_length=80, help_text=_("Kept encrypted."))
    address = forms.CharField(label=_("Where it is"), required=False, max_length=400, help_text=_("Kept encrypted."))

    def offer(self) -> None:
        """List classes and people."""
        offer(self, "asset_class", [("", _("Choose…")), *class_choices()])
        offer(self, "owner", [("", self.case.borrower.legal_name), *people_of(self.case)])


class OfAssetForm(CaseForm):
    """Base of forms about one asset."""

    def __init__(self, *args: Any, asset: Asset, **kwargs: Any) -> None:
        self.asset, self.asset_class = asset, class_of(asset.asset_class)
        super().__init__(*args, **kwargs)


class TitleForm(OfAssetForm):
    """Where the title was seen."""

    source = forms.CharField(label=_("Where did you see the title?"), max_length=120)

    def offer(self) -> None:
        """Suggest the class's register."""
        self.fields["source"].initial = str(self.asset_class.registry)


class RegistrationForm(OfAssetForm):
    """Our own lien in the register."""

    halves = ("registered_on", "registration_no")
    registered_on = day_field(_("Registered on"))
    registration_no = forms.CharField(
        label=_("Number of the registration"), max_length=80, help_text=_("Kept encrypted.")
    )
