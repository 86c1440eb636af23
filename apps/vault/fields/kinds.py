"""Encrypted text, dates, decimals and JSON."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.vault.fields.base import EncryptedField
from apps.vault.masks import Mask, masked


class EncryptedTextField(EncryptedField):
    """Text of at most ``max_length`` characters. Empty text is stored as an empty column, as its length would tell anyway."""

    default_mask = Mask.NAME
    empty_strings_allowed = True
    empty_values = (None, "", b"")

    def takes(self, plain: Any) -> bool:
        """Text only."""
        return isinstance(plain, str)

    def encode_value(self, plain: Any) -> bytes:
        """UTF-8."""
        return str(plain).encode()

    def decode_value(self, encoded: bytes) -> str:
        """UTF-8."""
        return encoded.decode()

    def seal_value(self, row: Any, plain: Any) -> bytes:
        """Refuse text that is too long; seal the rest."""
        if self.max_length is not None and len(plain) > self.max_length:
            raise ValidationError({self.name: _("Use at most %(limit)s characters.") % {"limit": self.max_length}})
        return super().seal_value(row, plain) if plain else b""

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """A line of text."""
        return super().formfield(**{"max_length": self.max_length, **kwargs})


class EncryptedDateField(EncryptedField):
    """A calendar day."""

    def takes(self, plain: Any) -> bool:
        """Days, not moments."""
        return isinstance(plain, dt.date) and not isinstance(plain, dt.datetime)

    def encode_value(self, plain: Any) -> bytes:
        """ISO 8601."""
        return bytes(plain.isoformat(), "ascii")

    def decode_value(self, encoded: bytes) -> dt.date:
        """ISO 8601."""
        return dt.date.fromisoformat(encoded.decode())

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """A day."""
        return super().formfield(**{"form_class": forms.DateField, **kwargs})


class EncryptedDecimalField(EncryptedField):
    """A number, kept to the digit as given."""

    def takes(self, plain: Any) -> bool:
        """Finite decimals and whole numbers; no binary fractions."""
        return (isinstance(plain, Decimal) and plain.is_finite()) or type(plain) is int

    def encode_value(self, plain: Any) -> bytes:
        """Plain notation, without trailing zeros, so that equal numbers give equal bytes."""
        text = f"{Decimal(plain):f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).encode()

    def decode_value(self, encoded: bytes) -> Decimal:
        """Plain notation."""
        return Decimal(encoded.decode())

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """A number."""
        return super().formfield(**{"form_class": forms.DecimalField, **kwargs})


class EncryptedJSONField(EncryptedField):
    """Any JSON value but null, which is the column's."""

    def takes(self, plain: Any) -> bool:
        """What JSON knows."""
        return isinstance(plain, (dict, list, str, int, float, bool))

    def encode_value(self, plain: Any) -> bytes:
        """Compact, keys in order; raises ``ValueError`` for numbers that JSON has not."""
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

    def decode_value(self, encoded: bytes) -> Any:
        """Parse."""
        return json.loads(encoded)

    def mask_value(self, plain: Any) -> str:
        """A structure is masked as one."""
        return masked(Mask.FULL, "json")

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """A box of JSON."""
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})
