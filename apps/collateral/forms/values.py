"""Forms about values."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.collateral.forms.assets import OfAssetForm
from apps.collateral.models import Source
from apps.core import figures
from apps.core.forms import AmountField
from apps.credit_review.forms.offering import day_field, in_currency, offer
from apps.credit_review.intake import papers
from apps.workflow.forms import CaseForm

REPORT = "valuation_report"


class OrderForm(OfAssetForm):
    """A valuation to be made."""

    halves = ("valuer", "due_on")
    source = forms.ChoiceField(
        label=_("Who values?"), choices=Source, widget=forms.RadioSelect, initial=Source.EXTERNAL
    )
    valuer = forms.CharField(
        label=_("Valuer"), max_length=160, help_text=_("The firm or the appraiser; kept encrypted.")
    )
    due_on = day_field(_("Needed by the day"), required=False)


class ValuationForm(OfAssetForm):
    """A valuation that has come in."""

    halves = ("valuer", "valued_on", "amount", "haircut_percent")
    source = forms.ChoiceField(
        label=_("Who valued?"), choices=Source, widget=forms.RadioSelect, initial=Source.EXTERNAL
    )
    valuer = forms.CharField(
        label=_("Valuer"), max_length=160, help_text=_("The firm or the appraiser; kept encrypted.")
    )
    valued_on = day_field(_("Valued on"))
    amount = AmountField(label=_("Value"))
    haircut_percent = forms.DecimalField(
        label=_("Haircut, %"), min_value=0, max_value=99, max_digits=5, decimal_places=2, required=False
    )

    document_id = forms.TypedChoiceField(label=_("Scanned report"), required=False, coerce=int, empty_value=None)

    def offer(self) -> None:
        """Show the class's haircut and how long the valuation will stand."""
        in_currency(self, self.case.currency, "amount")
        offer(self, "document_id", [("", _("none")), *papers(self.case, REPORT)])
        usual = figures.percent(self.asset_class.haircut * 100)
        self.fields["haircut_percent"].help_text = _(
            "The class's is %(usual)s; enter one only if it should be larger."
        ) % {"usual": usual}
        self.fields["valued_on"].help_text = _("A valuation of this class stands for %(days)s days.") % {
            "days": self.asset_class.valuation_days
        }


def haircut_of(percent: Decimal | None) -> Decimal | None:
    """The share that a percentage means."""
    return None if percent is None else percent / 100


class ConfirmForm(CaseForm):
    """Confirms the collateral, with a word to the next reader."""

    text = forms.CharField(label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
