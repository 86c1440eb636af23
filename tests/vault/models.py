"""Rows to try the fields on. They belong to no installed app: no rule of the house knows them, the template of tests does."""

from django.db import models

from apps.core.models import Row
from apps.vault.fields import (
    BlindIndexField,
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedJSONField,
    EncryptedTextField,
)
from apps.vault.models import KeyOwner


def last_four(value: str) -> str:
    """Normalise to the last four characters, or nothing."""
    return value[-4:] if len(value) >= 4 else ""


class Specimen(Row):
    """A row with one field of every kind."""

    key_owner = models.ForeignKey(KeyOwner, models.PROTECT, related_name="+")
    name = EncryptedTextField(max_length=40)
    id_number = EncryptedTextField(mask="identifier", max_length=40, blank=True)
    email = EncryptedTextField(mask="email", blank=True, null=True)
    born_on = EncryptedDateField(null=True, blank=True)
    income = EncryptedDecimalField(null=True, blank=True)
    extra = EncryptedJSONField(null=True, blank=True)
    plain = models.CharField(max_length=40, blank=True)
    id_number_index = BlindIndexField(source="id_number")
    tail_index = BlindIndexField(source="id_number", normaliser=last_four, bits=24)

    class Meta:
        app_label = "vault_tests"


class Note(Row):
    """A row whose key owner is reached through another row."""

    specimen = models.ForeignKey(Specimen, models.CASCADE, null=True)
    body = EncryptedTextField(owner="specimen.key_owner", mask="full")

    class Meta:
        app_label = "vault_tests"


SPECIMENS = (Specimen, Note)
