"""Forms: amounts in the locale's way, text without characters that no database takes, accessible errors."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _

from apps.core import money
from apps.core.text import refuse_nul


class CleanForm(forms.Form):
    """Base of every form: hidden ``version`` of the object shown, NUL refused, errors announced beside the field."""

    required_css_class = "required"
    error_css_class = "is-invalid"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field)
            if isinstance(field, forms.CharField):
                field.validators.append(refuse_nul)


def _dress(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        widget.attrs.setdefault("class", "form-check-input")
    elif isinstance(widget, (forms.Select, forms.SelectMultiple)):
        widget.attrs.setdefault("class", "form-select")
    elif not isinstance(widget, forms.HiddenInput):
        widget.attrs.setdefault("class", "form-control")


class AmountField(forms.CharField):
    """A positive amount of money typed in the locale's way (``1,200,000.50``, ``1 200 000,50``, full-width digits).

    Cleans to ``Decimal``; refuses more places than ``currency`` has, zero unless ``allow_zero``, and more than fourteen digits.
    """

    def __init__(self, *, currency: str = "CNY", allow_zero: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)
        self.currency, self.allow_zero = currency, allow_zero
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off", "data-amount": ""})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Parse the text."""
        text = super().to_python(value)
        return None if text in self.empty_values else parse_amount(str(text))

    def validate(self, value: Any) -> None:
        """Check range and places."""
        super().validate(value)
        if value is None:
            return
        if value < 0 or (value == 0 and not self.allow_zero):
            raise ValidationError(_("Enter an amount above zero."), code="range")
        if value > money.LARGEST:
            raise ValidationError(_("This amount is too large. Check the number of digits."), code="range")
        if not money.is_exact(value, self.currency):
            raise ValidationError(
                _("%(currency)s amounts have at most %(places)s decimal places."),
                code="places",
                params={"currency": self.currency, "places": money.minor_units(self.currency)},
            )

    def run_validators(self, value: Any) -> None:
        """Skip the text validators: the value is a number by now."""

    def prepare_value(self, value: Any) -> Any:
        """Show numbers plainly; keep what was typed."""
        return f"{value:f}" if isinstance(value, Decimal) else value


def parse_amount(text: str) -> Decimal:
    """Read an amount with the active locale's separators; raises ``ValidationError`` saying what is expected."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,"))
    decimal_mark = str(get_format("DECIMAL_SEPARATOR"))
    cleaned = re.sub(r"[\s\u00a0\u202f'’]", "", plain)
    thousands = "," if decimal_mark == "." else "."
    whole, mark, places = cleaned.partition(decimal_mark)
    well_formed = re.fullmatch(rf"-?(\d+|\d{{1,3}}(?:\{thousands}\d{{3}})+|\d{{1,4}}(?:\{thousands}\d{{4}})+)", whole)
    if not well_formed or (mark and not re.fullmatch(r"[0-9]+", places)) or not cleaned.isascii() or len(cleaned) > 30:
        raise ValidationError(_("Enter an amount in digits, for example 1,200,000.00."), code="amount")
    try:
        return Decimal(whole.replace(thousands, "") + (f".{places}" if mark else ""))
    except InvalidOperation as error:
        raise ValidationError(_("Enter an amount in digits, for example 1,200,000.00."), code="amount") from error
