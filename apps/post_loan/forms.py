"""Forms of repayments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.forms import AmountField, CleanForm, DayField
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState


def _field(form: forms.Form, name: str) -> Any:
    """A field of whatever kind, to be filled for the case at hand."""
    return form.fields[name]


class LoanForm(CleanForm):
    """Base of forms about a loan: the version its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        kwargs["initial"] = {"version": loan.version, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if "amount" in self.fields:
            _field(self, "amount").currency = loan.currency


class RepaymentForm(LoanForm):
    """Money that came in."""

    amount = AmountField(label=_("Amount"))
    value_on = DayField(label=_("Value date"))
    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=80,
        help_text=_("As on the statement; it keeps a payment from being posted twice."),
    )
    settles = forms.BooleanField(label=_("Settles the loan early"), required=False)

    def clean_value_on(self) -> dt.date:
        """Refuse a day to come."""
        day: dt.date = self.cleaned_data["value_on"]
        if day > clock.today():
            raise ValidationError(_("The value date is not in the future."), code="future")
        return day


class CloseForm(LoanForm):
    """Close a settled loan."""


class LoanListForm(CleanForm):
    """Filters of the list of loans."""

    state = forms.ChoiceField(label=_("State"), required=False)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    entered = forms.BooleanField(label=_("With repayments to post"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "state").choices = [("", _("Any state")), *LoanState.choices]
        for field in self.fields.values():
            field.widget.attrs["data-submit-on-change"] = ""


class ConditionListForm(CleanForm):
    """Filters of the list of conditions due."""

    overdue = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["overdue"].widget.attrs["data-submit-on-change"] = ""
