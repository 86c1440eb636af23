"""Forms about liens and insurance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from apps.collateral.forms.assets import OfAssetForm
from apps.collateral.services.burdens import LienFound
from apps.core.forms import AmountField
from apps.core.text import refuse_nul
from apps.credit_review.forms.offering import day_field, in_currency

ROWS = 4
NAMES = ("holder", "rank", "amount", "is_ours")


class LiensForm(OfAssetForm):
    """The register's whole picture of a day: up to four liens, or that there are none."""

    checked_on = day_field(_("Register looked at on"))
    register = forms.CharField(label=_("Register"), max_length=120)
    none_found = forms.BooleanField(label=_("No liens found"), required=False)

    def offer(self) -> None:
        """Suggest the register, add the rows."""
        self.fields["register"].initial = str(self.asset_class.registry)
        for row in range(ROWS):
            self.fields[f"holder_{row}"] = forms.CharField(
                label=_("Holder"), max_length=160, required=False, validators=[refuse_nul]
            )
            self.fields[f"rank_{row}"] = forms.IntegerField(label=_("Rank"), min_value=1, max_value=99, required=False)
            self.fields[f"amount_{row}"] = AmountField(
                label=_("Amount secured"), currency=self.case.currency, required=False, allow_zero=True
            )
            self.fields[f"is_ours_{row}"] = forms.BooleanField(label=_("Our own"), required=False)
            for name in NAMES:
                css = "form-check-input" if name == "is_ours" else "form-control"
                self.fields[f"{name}_{row}"].widget.attrs["class"] = css

    def lien_rows(self) -> Iterator[list[BoundField]]:
        """Fields row by row."""
        for row in range(ROWS):
            yield [self[f"{name}_{row}"] for name in NAMES]

    def head_fields(self) -> list[BoundField]:
        """Fields above the rows."""
        return [self["checked_on"], self["register"]]

    def clean(self) -> dict[str, Any]:
        """Gather the liens; nothing found is said, not left to be guessed."""
        cleaned = super().clean() or {}
        used = [row for row in range(ROWS) if any(cleaned.get(f"{name}_{row}") for name in NAMES)]
        for row in used:
            for name in NAMES[:3]:
                if cleaned.get(f"{name}_{row}") in (None, "") and f"{name}_{row}" not in self.errors:
                    self.add_error(f"{name}_{row}", _("Fill in the whole row."))
        if not self.errors and bool(used) == bool(cleaned.get("none_found")):
            raise ValidationError(_("Enter the liens, or tick “No liens found”."), code="liens")
        if not self.errors:
            cleaned["liens"] = [LienFound(*(cleaned[f"{name}_{row}"] for name in NAMES)) for row in used]
        return cleaned


class InsuranceForm(OfAssetForm):
    """An insurance in force."""

    halves = ("insurer", "policy_no", "insured_amount", "valid_until")
    insurer = forms.CharField(label=_("Insurer"), max_length=120)
    policy_no = forms.CharField(label=_("Number of the policy"), max_length=80, help_text=_("Kept encrypted."))
    insured_amount = AmountField(label=_("Sum insured"))
    valid_until = day_field(_("Valid until"))
    is_assigned = forms.BooleanField(
        label=_("The bank is named as the one to be paid"),
        required=False,
        help_text=_("Only an insurance assigned to the bank counts."),
    )

    def offer(self) -> None:
        """Amounts are in the case's currency."""
        in_currency(self, self.case.currency, "insured_amount")
