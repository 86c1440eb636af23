"""Figures in the reader's locale: amounts of money, percentages, plain numbers. Grouped by three in every language."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import get_format
from django.utils.numberformat import format as group

from apps.core import money

NOTHING = "–"


def number(value: Any, places: int | None = None) -> str:
    """Write a number with the locale's separators; ``places`` fixes its decimals, otherwise trailing zeros go.

    Banks group by three in Chinese too, where Django's own formats group by four.
    """
    exact = Decimal(str(value))
    if places is None:
        exact = exact.normalize()
        places = max(0, -int(exact.as_tuple().exponent))
    text = f"{exact:.{places}f}"
    mark, thousands = str(get_format("DECIMAL_SEPARATOR")), str(get_format("THOUSAND_SEPARATOR")) or ","
    return str(group(text, mark, decimal_pos=places, grouping=3, thousand_sep=thousands, force_grouping=True))


def is_number(value: Any) -> bool:
    """Tell whether a value can be written as a finite number."""
    try:
        return Decimal(str(value)).is_finite()
    except (InvalidOperation, ValueError):
        return False


def amount(value: Any, currency: str, *, brief: bool = False) -> str:
    """Write an amount to its currency's minor unit; ``brief`` leaves the decimals out when they are all zero."""
    if not is_number(value):
        return NOTHING
    exact = Decimal(str(value))
    whole = brief and exact == exact.to_integral_value()
    return number(exact, 0 if whole else money.MINOR_UNITS.get(currency, 2))


def percent(value: Any, places: int | None = None) -> str:
    """Write a percentage that is given in percent: ``5.35 %``."""
    return f"{number(value, places)}\u202f%" if is_number(value) else NOTHING
