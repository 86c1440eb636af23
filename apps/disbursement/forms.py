"""Forms of contract, conditions and payments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.core import clock, figures
from apps.core.forms import AmountField, CleanForm, DayField
from apps.core.money import MINOR_UNITS
from apps.core.schedules import add_months
from apps.disbursement.models import DrawdownState
from apps.disbursement.selectors.choosing import facilities_open, payees_open, witnesses
from apps.disbursement.selectors.invoices import invoices_open
from apps.disbursement.selectors.payments import REVOLVING, facilities_drawn, term_of_draw
from apps.workflow.forms import CaseForm


def day_field(label: Any, **kwargs: Any) -> DayField:
    """A calendar day, chosen or typed."""
    return DayField(label=label, **kwargs)


def _field(form: forms.Form, name: str) -> Any:
    """A field of whatever kind, to be filled for the case at hand."""
    return form.fields[name]


class PartySignedForm(CaseForm):
    """A signature given on paper."""

    signed_on = day_field(_("Signed on"))
    paper = forms.FileField(
        label=_("Scanned signature page"),
        help_text=_("PDF, JPEG or PNG. Compare it with the sealed contract before you save."),
    )
    second_witness = forms.TypedChoiceField(
        label=_("Second witness"),
        coerce=int,
        help_text=_("You are the first witness; the second one compared the paper with you."),
    )

    def offer(self) -> None:
        """List colleagues who may witness."""
        _field(self, "second_witness").choices = [("", _("Choose…")), *witnesses(self.case, self.actor_person)]


class EvidenceForm(CaseForm):
    """Evidence for one condition."""

    note = forms.CharField(label=_("What it shows"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    paper = forms.FileField(label=_("Document"), required=False, help_text=_("PDF, JPEG or PNG."))


class EvidenceDecisionForm(CaseForm):
    """Accept or reject evidence."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[("accept", _("Accept: the condition is met")), ("reject", _("Reject"))],
    )
    remark = forms.CharField(
        label=_("Remark"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class WaiverForm(CaseForm):
    """Waive or defer a condition."""

    deferred_to = day_field(
        _("Defer to"), required=False, help_text=_("Leave it empty to waive the condition for good.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class DrawForm(CaseForm):
    """One payment."""

    halves = ("supplier", "invoice_number", "invoice_amount", "invoice_currency")
    facility: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Facility"), queryset=None, empty_label=None)
    amount = AmountField(label=_("Amount"))
    payee: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Pay to"),
        queryset=None,
        empty_label=_("Choose…"),
        help_text=_(
            "Verified accounts of this borrower: enter one on the borrower's page, another officer verifies it. A supplier's account needs the invoice."
        ),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=200)
    bill: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Invoice on file"),
        queryset=None,
        required=False,
        empty_label=_("none, or entered below"),
        help_text=_("For entrusted payment to a supplier: an invoice of this case of which something is unpaid."),
    )
    supplier = forms.CharField(
        label=_("Supplier on the invoice"),
        max_length=200,
        required=False,
        help_text=_("An invoice not on file yet: name, number and total as they stand on it, with its scan."),
    )
    invoice_number = forms.CharField(label=_("Invoice number"), max_length=80, required=False)
    invoice_amount = AmountField(label=_("Invoice total"), required=False)
    invoice_currency = forms.ChoiceField(
        label=_("Currency of the invoice"), required=False, choices=[(code, code) for code in MINOR_UNITS]
    )
    invoice = forms.FileField(
        label=_("Supplier's invoice"),
        required=False,
        help_text=_("PDF, JPEG or PNG."),
    )

    def offer(self) -> None:
        """List facilities with room and verified accounts."""
        _field(self, "facility").queryset = facilities_open(self.case)
        left = {facility.pk: room for facility, _drawn, room in facilities_drawn(self.case)}
        _field(self, "facility").label_from_instance = lambda facility: facility_words(facility, left[facility.pk])
        _field(self, "payee").queryset = payees_open(self.case)
        _field(self, "payee").label_from_instance = payee_words
        _field(self, "amount").currency = self.case.currency
        _field(self, "bill").queryset = invoices_open(self.case)
        _field(self, "bill").label_from_instance = bill_words
        self.initial.setdefault("invoice_currency", self.case.currency)
        typed = self.data.get("invoice_currency", "")
        _field(self, "invoice_amount").currency = typed if typed in MINOR_UNITS else self.case.currency

    def clean(self) -> dict[str, Any]:
        """An invoice is either on file or entered here, not both; its total has the places of its own currency."""
        cleaned = super().clean() or {}
        typed = any(cleaned.get(name) for name in ("supplier", "invoice_number", "invoice_amount", "invoice"))
        if typed and cleaned.get("bill"):
            self.add_error(
                "bill", ValidationError(_("Choose an invoice on file, or enter one, not both."), code="both")
            )
        cleaned["invoice_entered"] = typed
        return cleaned


def bill_words(bill: Any) -> str:
    """How an invoice on file reads in a list: masked number, what of it is unpaid."""
    words = {
        "number": bill.number.masked,
        "supplier": bill.supplier.masked,
        "currency": bill.currency,
        "left": figures.amount(bill.amount - bill.paid, bill.currency),
    }
    return str(_("%(supplier)s %(number)s · %(currency)s %(left)s unpaid") % words)


def facility_words(facility: Any, left: Decimal) -> str:
    """How a facility reads in a list, with what may still be drawn of it."""
    from_list = {
        "position": facility.position,
        "amount": figures.amount(facility.approved_amount or facility.amount, facility.currency, brief=True),
        "currency": facility.currency,
        "left": figures.amount(left, facility.currency, brief=True),
    }
    words = str(_("%(position)s · %(currency)s %(left)s left of %(amount)s") % from_list)
    months = term_of_draw(facility, clock.today()) if facility.kind == REVOLVING else None
    if months is None:
        return words
    bound = _("a draw paid today is repaid by %(day)s") % {"day": date_format(add_months(clock.today(), months))}
    return f"{words} · {bound}"


def payee_words(account: Any) -> str:
    """How an account reads in a list: bank and masked number."""
    supplier = f" · {_('supplier')}" if account.is_supplier else ""
    return f"{account.bank_name} {account.number.masked}{supplier}"


class ConfirmPaymentForm(CleanForm):
    """The bank's answer to an order."""

    answer = forms.ChoiceField(
        label=_("The bank's answer"),
        widget=forms.RadioSelect,
        choices=[("paid", _("Paid")), ("rejected", _("Not paid"))],
    )
    value_on = day_field(_("Value date"), required=False, help_text=_("Interest runs from this day."))
    bank_reference = forms.CharField(label=_("Bank reference"), max_length=80)

    def clean(self) -> dict[str, Any]:
        """A paid order has a value date that is not in the future."""
        cleaned = super().clean() or {}
        day: dt.date | None = cleaned.get("value_on")
        if cleaned.get("answer") == "paid" and day is None:
            self.add_error("value_on", ValidationError(_("Enter the value date of the payment."), code="required"))
        if day is not None and day > clock.today():
            self.add_error("value_on", ValidationError(_("The value date is not in the future."), code="future"))
        return cleaned


class PayingAccountForm(CleanForm):
    """An account of the institution."""

    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in MINOR_UNITS])
    number = forms.CharField(label=_("Account number"), max_length=60)
    bank_name = forms.CharField(label=_("Bank"), max_length=120)
    bank_code = forms.CharField(label=_("Bank code"), max_length=40, required=False)


class PayingNumberForm(CleanForm):
    """The number of an account, typed again by the person who confirms it."""

    number = forms.CharField(
        label=_("Account number"),
        max_length=60,
        help_text=_("Type it from the bank's own paper, not from what your colleague says."),
    )


class PaymentListForm(CleanForm):
    """Filters of the list of payments."""

    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "state").choices = [("", _("Waiting for somebody")), *DrawdownState.choices]
        self.fields["state"].widget.attrs["data-submit-on-change"] = ""


class AnswersForm(CleanForm):
    """A file of the bank's answers."""

    file = forms.FileField(
        label=_("File of answers"),
        help_text=_(
            "CSV in UTF-8 with the columns end_to_end_id, status (paid or rejected), value_on (2026-01-31), bank_reference."
        ),
    )
