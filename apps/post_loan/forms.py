"""Forms of repayments."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core import clock, figures, times
from apps.core.errors import Stale
from apps.core.forms import AmountField, CleanForm, DayField
from apps.core.text import parsed
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.post_loan.services.repaying import overtaken


def _field(form: forms.Form, name: str) -> Any:
    """A field of whatever kind, to be filled for the case at hand."""
    return form.fields[name]


class LoanForm(CleanForm):
    """Base of forms about a loan: the version its reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, loan: Loan, **kwargs: Any) -> None:
        self.loan = loan
        first = {"version": loan.version, "seen": json.dumps(standing(loan))}
        kwargs["initial"] = {**first, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if "amount" in self.fields:
            _field(self, "amount").currency = loan.currency

    def clean(self) -> dict[str, Any]:
        """Leave out how the loan stood: it is for telling what has changed, nothing is decided by it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned.pop("seen", None)
        return cleaned

    def overtaken(self) -> Stale | None:
        """What the service would say of the version that was sent."""
        given = str(self.data.get(self.add_prefix("version"), ""))
        return overtaken(self.loan) if given.isdecimal() and given != str(self.loan.version) else None

    def since(self, stale: Stale) -> Mapping[str, tuple[Any, Any]]:
        """What differs now in the loan."""
        now = standing(stale.subject if isinstance(stale.subject, Loan) else self.loan)
        before = read_back(str(self.data.get(self.add_prefix("seen"), "")))
        return {
            str(STANDS[name]): (before[name], now[name]) for name in STANDS if before.get(name, now[name]) != now[name]
        }


STANDS: Mapping[str, Any] = {
    "state": _("State"), "balance": _("Principal outstanding"), "next": _("Next due"), "arrears": _("Unpaid since"),
}  # fmt: skip


def standing(loan: Loan) -> dict[str, str]:
    """How a loan stands, in words."""
    days = {"next": loan.next_due_on, "arrears": loan.arrears_since}
    return {
        "state": str(LoanState(loan.state).label), "balance": figures.amount(loan.balance, loan.currency),
        **{name: figures.NOTHING if day is None else times.day(day, clock.now()) for name, day in days.items()},
    }  # fmt: skip


def read_back(seen: str) -> dict[str, str]:
    """How a loan stood for the reader of a page; nothing where that makes no sense."""
    held = parsed(seen)
    return {str(name): str(words) for name, words in held.items()} if isinstance(held, dict) else {}


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
