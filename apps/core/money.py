"""Money: ``Decimal`` with an ISO 4217 currency, one rounding rule (half-even to the minor unit)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

MINOR_UNITS = {"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "SGD": 2, "JPY": 0, "KRW": 0, "KWD": 3}
MAX_DIGITS = 18
LARGEST = Decimal(10) ** (MAX_DIGITS - 4) - 1


def minor_units(currency: str) -> int:
    """Number of decimal places of a currency; raises ``KeyError`` for one the project does not know."""
    return MINOR_UNITS[currency]


def quantum(currency: str) -> Decimal:
    """Smallest amount of a currency, such as ``Decimal('0.01')``."""
    return Decimal(1).scaleb(-minor_units(currency))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """Round an amount half-even to the currency's minor unit."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_EVEN)


def is_exact(amount: Decimal, currency: str) -> bool:
    """Tell whether an amount has no digits below the currency's minor unit."""
    return amount == quantise(amount, currency)
