"""The encrypted model field: a column of envelopes, an attribute of secrets."""

from __future__ import annotations

import base64
import functools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute
from django.forms import Field as FormField

from apps.core.classes import DataClass
from apps.vault import crypto
from apps.vault.crypto import HEAD_BYTES, open_sealed
from apps.vault.fields.forms import secret_form_field
from apps.vault.keyring import keyring
from apps.vault.masks import Mask, masked
from apps.vault.secret import Secret

if TYPE_CHECKING:
    from apps.vault.models import KeyOwner

    BinaryField = models.BinaryField[Any, Any]
else:
    BinaryField = models.BinaryField

PACKAGE = "apps.vault.fields"


class SecretAttribute(DeferredAttribute):
    """Turns what the row holds into a ``Secret`` and what is assigned into one that waits for ``save()``.

    In the row's dictionary, bytes are an envelope as loaded; a ``Secret`` was assigned in this process.
    """

    field: EncryptedField

    def __init__(self, field: EncryptedField) -> None:
        super().__init__(field)
        self.name = field.attname

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        try:
            held = instance.__dict__[self.name]
        except KeyError:  # deferred
            held = super().__get__(instance, cls)
        return Secret(self.field, instance, held) if type(held) is bytes else held

    def __set__(self, instance: models.Model, value: Any) -> None:
        if type(value) is bytes:  # loading a page of rows is nearly all of this
            keyring.note(value)
            instance.__dict__[self.name] = value
        else:
            instance.__dict__[self.name] = self.field.hold(instance, value)


class EncryptedField(BinaryField):
    """Base of the encrypted fields. ``owner`` is the path from the row to its ``KeyOwner`` (dots between steps).

    Cannot be searched, only tested for being null; a ``BlindIndexField`` beside it can.
    """

    descriptor_class = SecretAttribute
    default_mask = Mask.FULL
    empty_strings_allowed = False

    def __init__(
        self,
        *args: Any,
        owner: str = "key_owner",
        mask: str = "",
        data_class: DataClass = DataClass.PERSONAL,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)
        self.data_class = data_class
        self.owner, self.mask = owner, Mask(mask or self.default_mask)

    def deconstruct(self) -> Any:
        """Describe the field for migrations."""
        name, _path, args, kwargs = super().deconstruct()
        kwargs |= {"owner": self.owner, "mask": self.mask.value}
        return name, f"{PACKAGE}.{type(self).__name__}", args, kwargs

    @property
    def holds_words(self) -> bool:
        """Tell whether it holds free words, which whoever may see the row reads."""
        return self.mask is Mask.WORDS

    # Values: what a kind of field says about them.

    def takes(self, plain: Any) -> bool:
        """Tell whether a value is of the field's kind."""
        raise NotImplementedError

    def encode_value(self, plain: Any) -> bytes:
        """Return a value as bytes, the same for equal values."""
        raise NotImplementedError

    def decode_value(self, encoded: bytes) -> Any:
        """Return the value of its bytes."""
        raise NotImplementedError

    def mask_value(self, plain: Any) -> str:
        """Return what pages show of a value."""
        return masked(self.mask, str(plain))

    # Sealing and opening.

    @functools.cached_property
    def place(self) -> bytes:
        """The part of the associated data that names model and field."""
        return crypto.place(self.model._meta.label_lower, self.name)

    def seal_value(self, row: Any, plain: Any) -> bytes:
        """Encrypt a value for ``row`` under its owner's active key."""
        return crypto.seal(self.owner_of(row).active_cipher(), self.encode_value(plain), self.place + row.uuid.bytes)

    def open_value(self, row: Any, envelope: bytes) -> Any:
        """Decrypt an envelope of ``row``; raises ``CannotOpen`` unless it was sealed for this field of this row."""
        if not envelope and self.empty_strings_allowed:
            return ""
        cipher = keyring.cipher(envelope[2:HEAD_BYTES])
        return self.decode_value(open_sealed(cipher, envelope, self.place + row.uuid.bytes))

    def owner_of(self, row: Any) -> KeyOwner:
        """Walk from the row to its key owner; raises ``ValueError`` where there is none."""
        try:
            owner = operator.attrgetter(self.owner)(row)
        except (ObjectDoesNotExist, AttributeError):
            owner = None
        if owner is None:
            raise ValueError(f"{self}: the row has no key owner at {self.owner!r}; set it before saving")
        return owner  # type: ignore[no-any-return]

    def hold(self, row: Any, value: Any) -> Any:
        """Return what the row's dictionary keeps for an assigned value."""
        if isinstance(value, memoryview):
            return bytes(value)
        if isinstance(value, Secret):
            return value.envelope() if value.belongs_to(self, row) else self._anew(row, value.reveal())
        return self._anew(row, value)

    def _anew(self, row: Any, plain: Any) -> Any:
        if plain is None or hasattr(plain, "resolve_expression"):
            return plain
        if not self.takes(plain):
            raise TypeError(f"{self} takes no {type(plain).__name__}")
        return Secret(self, row, plain=plain)

    # What Django asks of a field.

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal what was assigned; what was loaded goes back as it came, unless nobody could open it there.

        An inserted copy of a loaded row is refused when it has another uuid. A value that an earlier ``save()`` sealed for
        another copy of the row, or under a key that may have been rolled back with it, is sealed again.
        """
        getattr(model_instance, self.attname)  # fetches a deferred value
        held = model_instance.__dict__[self.attname]
        if not isinstance(held, Secret):
            if add and isinstance(held, bytes):
                self.open_value(model_instance, held)
            return held
        if held.row is not model_instance or not self.is_current(model_instance, held):
            setattr(model_instance, self.attname, held.reveal())
            held = model_instance.__dict__[self.attname]
        return held.envelope()

    def is_current(self, row: Any, secret: Secret) -> bool:
        """Tell whether a value is empty, not sealed yet, or under the key that seals its owner's new ones."""
        if not secret or not secret.is_sealed:
            return True
        return crypto.key_id_of(secret.envelope()) == self.owner_of(row).active_cipher().key_id

    def get_prep_value(self, value: Any) -> Any:
        """Take envelopes only: a plain value has no row to be bound to here. Empty text is an empty column."""
        if isinstance(value, Secret):
            return value.envelope()
        if value is None or isinstance(value, (bytes, memoryview)):
            return value
        if value == "" and self.empty_strings_allowed:
            return b""
        raise TypeError(f"{self} is written by save(): assign the value to a row")

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every question but for null: equal values have different ciphertexts."""
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, name: str) -> Any:
        """Refuse."""

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise the ciphertext."""
        held = getattr(obj, self.attname)
        return base64.b64encode(held.envelope()).decode() if held is not None else ""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Validate what was assigned; a sealed value was validated before it was sealed."""
        if isinstance(value, Secret):
            if value.is_sealed:
                return value
            value = value.reveal()
        self.validate(value, model_instance)
        self.run_validators(value)
        return value

    def formfield(self, **kwargs: Any) -> FormField | None:  # type: ignore[override]
        """Make a form field that shows a mask, and keeps the stored value when left empty."""
        return secret_form_field(super().formfield(**kwargs))

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """Assign what was typed; an empty box keeps what is there."""
        if data not in ("", None) or not getattr(instance, self.attname):
            super().save_form_data(instance, data)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """See that rows have the uuid and the owner that sealing needs."""
        return [*super().check(**kwargs), *self._missing("uuid"), *self._missing(self.owner.split(".")[0])]

    def _check_str_default_value(self) -> list[checks.CheckMessage]:
        """Allow a default of the field's kind: the column is binary, the attribute is not."""
        return []

    def _missing(self, name: str) -> Sequence[checks.CheckMessage]:
        try:
            self.model._meta.get_field(name)
        except FieldDoesNotExist:
            if not hasattr(self.model, name):
                return [
                    checks.Error(
                        f"The model has no '{name}', which its encrypted fields need.", obj=self, id="vault.E010"
                    )
                ]
        return []
