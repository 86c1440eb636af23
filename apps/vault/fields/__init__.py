"""Encrypted model fields and blind indexes.

    key_owner = ForeignKey("vault.KeyOwner", PROTECT)
    id_number = EncryptedTextField(_("id number"), mask="identifier", max_length=18)
    id_number_index = BlindIndexField(source="id_number", bits=64)

Reading gives a ``Secret``. Assign plain values; they are sealed by ``save()``, ``bulk_create()`` and ``bulk_update()``.
"""

from apps.vault.fields.base import EncryptedField
from apps.vault.fields.index import BlindIndexField
from apps.vault.fields.kinds import (
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedJSONField,
    EncryptedTextField,
)

__all__ = [
    "BlindIndexField",
    "EncryptedDateField",
    "EncryptedDecimalField",
    "EncryptedField",
    "EncryptedJSONField",
    "EncryptedTextField",
]
