"""Forms: amounts and days in the reader's way, text without characters that deceive, accessible errors."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.core import figures, money
from apps.core.amounts import LONGEST, parse_amount
from apps.core.days import parse_day
from apps.core.text import plain, refuse_nul

__all__ = ["AmountField", "CleanForm", "DayField", "MomentField", "parse_amount"]


class CleanForm(forms.Form):
    """Base of every form: what deceives is taken out of its texts, NUL refused, errors announced beside the field."""

    required_css_class = "required"
    error_css_class = "is-invalid"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field)
            if isinstance(field, forms.CharField):
                field.validators.append(refuse_nul)

    def _clean_fields(self) -> None:
        """Clean the fields, and take what nobody sees out of their texts; a text of nothing else is missing."""
        super()._clean_fields()  # type: ignore[misc]  # Django's own step of cleaning
        for name, value in list(self.cleaned_data.items()):
            field = self.fields[name]
            if isinstance(value, str) and value and not isinstance(field.widget, forms.PasswordInput):
                self._clean_text(name, field, value)

    def _clean_text(self, name: str, field: forms.Field, value: str) -> None:
        self.cleaned_data[name] = plain(value)
        try:
            refuse_nul(value)  # also of fields that were added after the form was made
        except ValidationError as error:
            self.add_error(name, error)
        if field.required and name in self.cleaned_data and not self.cleaned_data[name]:
            self.add_error(name, ValidationError(field.error_messages["required"], code="required"))


def _dress(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        widget.attrs.setdefault("class", "form-check-input")
    elif isinstance(widget, (forms.Select, forms.SelectMultiple)):
        widget.attrs.setdefault("class", "form-select")
    elif not isinstance(widget, forms.HiddenInput):
        widget.attrs.setdefault("class", "form-control")


class AmountField(forms.CharField):
    """A positive amount of money typed in the reader's way (``1,200,000.50``, ``¥ 120万``, full-width digits).

    Cleans to ``Decimal``; refuses more places than ``currency`` has, zero unless ``allow_zero``, and more than fourteen digits.
    """

    def __init__(self, *, currency: str = "CNY", allow_zero: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        super().__init__(**kwargs)
        self.currency, self.allow_zero = currency, allow_zero
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off", "data-amount": ""})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Parse the text."""
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        if len(str(text)) > LONGEST:
            raise _too_large()
        return parse_amount(str(text), self.currency)

    def validate(self, value: Any) -> None:
        """Check range and places."""
        super().validate(value)
        if value is None:
            return
        if value < 0 or (value == 0 and not self.allow_zero):
            raise ValidationError(_("Enter an amount above zero."), code="range")
        if value > money.LARGEST:
            raise _too_large()
        if not money.is_exact(value, self.currency):
            raise ValidationError(
                _("%(currency)s amounts have at most %(places)s decimal places."),
                code="places",
                params={"currency": self.currency, "places": money.minor_units(self.currency)},
            )

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is a number by now."""

    def prepare_value(self, value: Any) -> Any:
        """Show numbers plainly, with no more places than they need; keep what was typed."""
        if not isinstance(value, Decimal):
            return value
        whole = value.to_integral_value()
        return f"{whole:f}" if value == whole else f"{value.normalize():f}"

    def understood(self, value: Any) -> str:
        """What the house reads in it: ``1,200,000.00 CNY``; before anything is typed the currency alone."""
        return (
            f"{figures.amount(value, self.currency)}\u00a0{self.currency}"
            if isinstance(value, Decimal)
            else self.currency
        )


def _too_large() -> ValidationError:
    return ValidationError(_("This amount is too large. Check the number of digits."), code="range")


class DayField(forms.DateField):
    """A day, picked or typed: ``2026-03-05``, ``2026年3月5日``, ``5 Mar 2026``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        """Parse the day."""
        if value in self.empty_values or isinstance(value, dt.date):
            return super().to_python(value)
        return parse_day(str(value))

    def understood(self, value: Any) -> str:
        """The day in words, with its day of the week: ``March 5, 2026, Thursday``."""
        if not isinstance(value, dt.date):
            return ""
        return _t("%(day)s, %(weekday)s") % {
            "day": date_format(value, "DATE_FORMAT"),
            "weekday": date_format(value, "l"),
        }


class MomentField(forms.DateTimeField):
    """A day and the time of it, picked."""

    def __init__(self, **kwargs: Any) -> None:
        picker = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": picker, **kwargs})

    def understood(self, value: Any) -> str:
        """The moment in words, in the institution's zone as it was typed."""
        return date_format(timezone.localtime(value), "DATETIME_FORMAT") if isinstance(value, dt.datetime) else ""
