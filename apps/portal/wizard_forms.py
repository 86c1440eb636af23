"""Forms of the steps. ``partial`` lets a half-filled step be kept; otherwise what the application needs is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Branch
from apps.applications.forms import BusinessSectionForm, NewPersonForm, PartSectionForm, PersonSectionForm, WordsForm
from apps.applications.forms.opening import amount_in_currency_of
from apps.applications.policy import CONSENT_TEXTS
from apps.borrowers.forms import CHOOSE, hints
from apps.borrowers.models import Borrower, InterestKind
from apps.borrowers.selectors import pack_in_use
from apps.core import figures
from apps.core.forms import AmountField, CleanForm
from apps.core.money import is_exact
from apps.workflow.forms import CaseForm, NothingMoreForm, offer_choices
from apps.workflow.models import Product

ALWAYS = ("version", "legal_name", "name")
PARTS = [choice for choice in InterestKind.choices if choice[0] != InterestKind.GUARANTOR]
"""Guarantors are named to the bank's analyst, who assesses them; they are no part of the borrower's own steps."""


class Partly(CaseForm):
    """Mixin of a step: ``needed`` fields are required, unless the step is only kept or the value is stored already."""

    needed: tuple[str, ...] = ()

    def __init__(self, *args: Any, partial: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored: Mapping[str, str] = getattr(self, "stored", None) or {}
        for name, field in self.fields.items():
            if partial and name not in ALWAYS:
                field.required = False
            elif name in self.needed and not stored.get(name):
                field.required = True


class LoanFields(CleanForm):
    """Amount and term within what a product lends."""

    amount = AmountField(label=_("How much do you need?"))
    term_months = forms.IntegerField(label=_("For how many months?"), min_value=1, max_value=600)

    def check_product(self, product: Product, cleaned: dict[str, Any]) -> None:
        """Say beside the fields what the product lends, where the request lies outside."""
        amount, term = cleaned.get("amount"), cleaned.get("term_months")
        if amount is not None and not product.min_amount <= amount <= product.max_amount:
            self.add_error("amount", _("This loan is for %(least)s to %(most)s %(currency)s.") % amounts_of(product))
        elif amount is not None and not is_exact(amount, product.currency):
            self.add_error("amount", _("Enter an amount above zero, with at most the currency's decimals."))
        if term is not None and not product.min_term <= term <= product.max_term:
            self.add_error(
                "term_months",
                _("This loan runs for %(least)s to %(most)s months.")
                % {"least": product.min_term, "most": product.max_term},
            )


def amounts_of(product: Product) -> dict[str, str]:
    """Smallest and largest amount of a product, in words."""
    least, most = (
        figures.amount(each, product.currency, brief=True) for each in (product.min_amount, product.max_amount)
    )
    return {"least": least, "most": most, "currency": product.currency}


def product_words(product: Product) -> str:
    """How a product is named where one chooses."""
    terms = {**amounts_of(product), "name": product.name, "short": product.min_term, "long": product.max_term}
    return str(_("%(name)s: %(least)s to %(most)s %(currency)s, %(short)s to %(long)s months") % terms)


class StartForm(LoanFields):
    """For which business, which loan, how much and how long."""

    borrower = forms.TypedChoiceField(label=_("Business"), coerce=int, widget=forms.RadioSelect)
    product = forms.TypedChoiceField(label=_("Kind of loan"), coerce=int, widget=forms.RadioSelect)
    field_order = ("borrower", "product", "amount", "term_months")
    halves = ("amount", "term_months")

    def __init__(
        self, *args: Any, businesses: Iterable[Borrower] = (), products: Iterable[Product] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        own, self.products = list(businesses), {product.pk: product for product in products}
        offer_choices(self, "borrower", [(each.pk, each.legal_name) for each in own])
        offer_choices(self, "product", [(pk, product_words(each)) for pk, each in self.products.items()])
        amount_in_currency_of(self, list(self.products.values()))
        for name, only in (("borrower", own), ("product", list(self.products))):
            if len(only) == 1:
                self.fields[name].initial = only[0].pk if isinstance(only[0], Borrower) else only[0]

    def clean(self) -> dict[str, Any]:
        """Hold the request to the product."""
        cleaned = super().clean() or {}
        product = self.products.get(cleaned.get("product") or 0)
        if product is not None:
            self.check_product(product, cleaned)
        return cleaned


class EnterBusinessForm(CleanForm):
    """A business that the bank has not entered: what it is called, its identifier, and the branch to be served by."""

    legal_name = forms.CharField(
        label=_("Legal name"), max_length=200, help_text=_("As it stands in the register."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    identifier_kind = forms.ChoiceField(label=_("Kind of identifier"))
    identifier = forms.CharField(
        label=_("Identifier"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    branch = forms.TypedChoiceField(
        label=_("Branch"), coerce=int, help_text=_("The branch near your business: it looks after your application.")
    )
    halves = ("identifier_kind", "identifier")

    def __init__(self, *args: Any, branches: Iterable[Branch] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = pack_in_use().business_identifiers
        offer_choices(self, "identifier_kind", [(kind.code, kind.label) for kind in known])
        offer_choices(self, "branch", [CHOOSE, *((branch.pk, branch.name) for branch in branches)])
        self.fields["identifier"].help_text = hints(known)


class LoanForm(Partly, LoanFields):
    """Amount and term of the draft."""

    halves = ("amount", "term_months")

    def offer(self) -> None:
        """Take the case's currency and say what its product lends."""
        product = self.case.product
        field: Any = self.fields["amount"]
        field.currency = self.case.currency
        field.help_text = _("%(least)s to %(most)s %(currency)s") % amounts_of(product)
        self.fields["term_months"].help_text = _("%(least)s to %(most)s months") % {
            "least": product.min_term, "most": product.max_term}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Hold the request to the product."""
        cleaned = super().clean() or {}
        self.check_product(self.case.product, cleaned)
        return cleaned


class PurposeForm(Partly, WordsForm):
    """What the loan is for and what it is repaid from."""


class BusinessStepForm(Partly, BusinessSectionForm):
    """Facts of the business; everything the bank needs is asked for."""

    needed = ("identifier_kind", "identifier", "industry", "founded_on", "employees", "address", "phone")
    halves = ("identifier_kind", "identifier", "founded_on", "employees", "phone", "email")


class PersonStepForm(Partly, PersonSectionForm):
    """Facts of a person."""

    needed = ("id_kind", "id_number")
    halves = ("id_kind", "id_number", "phone", "email")


class NewPersonStepForm(Partly, NewPersonForm):
    """A person with the parts they play."""

    needed = ("id_kind", "id_number")
    halves = ("id_kind", "id_number", "phone", "email", "authority", "authority_until")

    def offer(self) -> None:
        """Leave guarantors out."""
        offer_choices(self, "kind", PARTS)


class PartStepForm(PartSectionForm):
    """A further part of a person."""

    def offer(self) -> None:
        """Leave guarantors out."""
        offer_choices(self, "kind", [CHOOSE, *PARTS])


class ConsentsStepForm(CleanForm):
    """Each consent a box of its own, none ticked beforehand; ``kinds`` are those not given yet."""

    def __init__(self, *args: Any, kinds: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in kinds.items():
            box = forms.CheckboxInput(attrs={"class": "form-check-input"})
            self.fields[code] = forms.BooleanField(
                label=label, required=False, widget=box, help_text=CONSENT_TEXTS.get(code, "")
            )

    def clean(self) -> dict[str, Any]:
        """Hand on what was ticked."""
        cleaned = super().clean() or {}
        return {"kinds": [code for code, ticked in cleaned.items() if ticked]}


class SendForm(NothingMoreForm):
    """The signer's declaration, said on purpose; without ``declares`` it stands already."""

    declared = forms.BooleanField(label=_("I declare this."), required=False)

    def __init__(self, *args: Any, declares: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if declares:
            self.fields["declared"].required = True
            self.fields["declared"].error_messages["required"] = _(
                "Tick the declaration before you send the application."
            )
        else:
            del self.fields["declared"]


class WithdrawConsentStepForm(CaseForm):
    """Taking a consent back; nobody has to say why."""

    reason = forms.ChoiceField(label=_("Reason"), required=False)
    sure = forms.BooleanField(label=_("Yes, I withdraw this consent."))

    def __init__(self, *args: Any, reasons: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, "reason", [CHOOSE, *reasons])
