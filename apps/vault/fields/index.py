"""The column beside an encrypted field that finds rows without decrypting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.signals import pre_save

from apps.core.text import fold
from apps.vault import blind
from apps.vault.fields.base import PACKAGE, EncryptedField
from apps.vault.secret import Secret

if TYPE_CHECKING:
    BigIntegerField = models.BigIntegerField[int | None, int | None]
else:
    BigIntegerField = models.BigIntegerField

HISTORICAL = "__fake__"  # the module that migrations give to models of the past


class BlindIndexField(BigIntegerField):
    """HMAC-SHA-256 of the normalised value of the encrypted field ``source``, cut to ``bits``.

    Filled at save from what was assigned; kept when nothing was; null where there is nothing to find. Query it with
    ``blind_index(path, value)`` and confirm what is found (``apps.vault.blind``).
    """

    def __init__(
        self,
        *args: Any,
        source: str,
        normaliser: Callable[[str], str] = fold,
        bits: int = 64,
        **kwargs: Any,
    ) -> None:
        if bits not in blind.WIDTHS:
            raise ValueError(f"a blind index has one of {blind.WIDTHS} bits")
        self.source, self.normaliser, self.bits = source, normaliser, bits
        super().__init__(*args, **{**kwargs, "null": True, "editable": False, "db_index": True})

    def deconstruct(self) -> Any:
        """Describe the field for migrations."""
        name, _path, args, kwargs = super().deconstruct()
        for fixed in ("null", "editable", "db_index"):
            kwargs.pop(fixed)
        kwargs |= {"source": self.source, "normaliser": self.normaliser, "bits": self.bits}
        return name, f"{PACKAGE}.{type(self).__name__}", args, kwargs

    @property
    def path(self) -> str:
        """Name of the index's own key: ``borrowers.Borrower.id_number_index``."""
        return f"{self.model._meta.label}.{self.name}"

    @property
    def owner_lookup(self) -> str:
        """How a query reaches the key owner of the source's rows."""
        source: Any = self.model._meta.get_field(self.source)
        return str(source.owner).replace(".", "__")

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """Make the index known under its own path and, if free, under its source's."""
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract and cls.__module__ != HISTORICAL:
            blind.register(self, f"{cls._meta.label}.{name}", f"{cls._meta.label}.{self.source}")
            pre_save.connect(self.refuse_stale, sender=cls)

    def refuse_stale(self, update_fields: frozenset[str] | None = None, **_kwargs: Any) -> None:
        """Raise ``ValueError`` when a save names the source without its index, which would go stale."""
        if update_fields is not None and self.source in update_fields and self.name not in update_fields:
            raise ValueError(f"save(update_fields=…) names {self.source!r} without its index {self.name!r}")

    def pre_save(self, model_instance: models.Model, add: bool) -> int | None:
        """Compute the index if the source was assigned since it was loaded."""
        held = model_instance.__dict__.get(self.source)
        if held is None and self.source in model_instance.__dict__:
            setattr(model_instance, self.attname, None)
        elif isinstance(held, Secret):
            setattr(model_instance, self.attname, self.index(held.reveal()))
        found: int | None = getattr(model_instance, self.attname)
        return found

    def index(self, value: str) -> int | None:
        """Return the index of a plain value; ``None`` where nothing is left of it once normalised."""
        normal = self.normaliser(value)
        return blind.digest(self.path, normal, self.bits) if normal else None

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """See that the source is an encrypted field."""
        try:
            sound = isinstance(self.model._meta.get_field(self.source), EncryptedField)
        except FieldDoesNotExist:
            sound = False
        wrong = checks.Error(
            f"The source '{self.source}' is no encrypted field of the model.", obj=self, id="vault.E011"
        )
        return [*super().check(**kwargs), *([] if sound else [wrong])]
