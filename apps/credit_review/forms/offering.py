"""Fills in what of a form's fields depends on the case: choices, currencies, days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms

from apps.core.forms import AmountField, DayField


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Set the choices of a field."""
    cast("forms.ChoiceField", form.fields[name]).choices = list(choices)


def in_currency(form: forms.Form, currency: str, *names: str) -> None:
    """Set the currency of amounts."""
    for name in names:
        cast("AmountField", form.fields[name]).currency = currency


def day_field(label: Any, **more: Any) -> DayField:
    """A day with the browser's own picker."""
    return DayField(label=label, **more)
