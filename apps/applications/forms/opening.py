"""A new application: for a known business, or a new one with the few facts that find it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.services import Words
from apps.borrowers.forms import CHOOSE, BusinessForm
from apps.borrowers.models import Borrower
from apps.borrowers.rules import BusinessData
from apps.core.forms import AmountField, CleanForm
from apps.workflow.models import Product
from apps.workflow.services import FacilityAsk

PURPOSE_HELP = _("What is bought or paid with the money, for example flour and packaging for the winter season.")
SOURCE_HELP = _("Which income repays it, for example receivables of three supermarket chains.")


class RequestFields(CleanForm):
    """Product, amount, term and the two sentences every reader looks for first."""

    halves: tuple[str, ...] = ("amount", "term_months")
    product = forms.TypedChoiceField(label=_("Product"), coerce=int)
    amount = AmountField(label=_("Amount asked"))
    term_months = forms.IntegerField(label=_("Term, months"), min_value=1, max_value=600)
    purpose = forms.CharField(
        label=_("Purpose of the loan"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=PURPOSE_HELP,
    )  # fmt: skip
    repayment_source = forms.CharField(
        label=_("Source of repayment"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=SOURCE_HELP,
    )  # fmt: skip

    def ask(self) -> FacilityAsk:
        """What is asked."""
        return FacilityAsk(self.cleaned_data["amount"], self.cleaned_data["term_months"])

    def words(self) -> Words:
        """What is said."""
        return Words(purpose=self.cleaned_data["purpose"], repayment_source=self.cleaned_data["repayment_source"])


class NewApplicationForm(RequestFields, BusinessForm):
    """The page "New application". For a known ``borrower`` the fields of the business fall away."""

    halves = (*RequestFields.halves, *BusinessForm.halves, "region")
    sections = (
        (_("Business"), ("branch", *BusinessData.__dataclass_fields__)),
        (_("Request"), ("product", "amount", "term_months", "purpose", "repayment_source")),
    )
    branch = forms.TypedChoiceField(label=_("Branch"), coerce=int)
    field_order = (
        "branch", "legal_name", "identifier_kind", "identifier", "industry", "founded_on", "employees", "region", "address",
        "phone", "email", "product", "amount", "term_months", "purpose", "repayment_source",
    )  # fmt: skip

    def __init__(
        self, *args: Any, borrower: Borrower | None = None, branches: Iterable[tuple[int, str]] = (),
        products: Iterable[Product] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        offered = list(products)
        self.fields["product"].choices = [CHOOSE, *((each.pk, _product_words(each)) for each in offered)]  # type: ignore[attr-defined]
        self.fields["branch"].choices = list(branches)  # type: ignore[attr-defined]
        amount_in_currency_of(self, offered)
        if borrower is not None:
            for name in ("branch", *BusinessData.__dataclass_fields__):
                del self.fields[name]


def amount_in_currency_of(form: CleanForm, products: Sequence[Product]) -> None:
    """Let the amount be of the product chosen, or of the first as long as none is."""
    chosen = str(form.data.get(form.add_prefix("product"), ""))
    product = next((each for each in products if str(each.pk) == chosen), products[0] if products else None)
    if product is not None:
        form.fields["amount"].currency = product.currency  # type: ignore[attr-defined]


def _product_words(product: Product) -> str:
    return f"{product.name} · {product.currency} {product.min_amount:,.0f}-{product.max_amount:,.0f}"
