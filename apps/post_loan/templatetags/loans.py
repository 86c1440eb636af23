"""Amounts in tables whose heading names the currency."""

from __future__ import annotations

from typing import Any

from django import template

from apps.core import figures

register = template.Library()


@register.filter
def places_of(value: Any, currency: str) -> str:
    """Write an amount to the currency's places without its code: yen have none."""
    return figures.amount(value, currency)
