"""Whose keys there are, and the keys themselves, wrapped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.core.watching import WatchedQuerySet
from apps.vault.crypto import DataCipher, Suite, framed
from apps.vault.errors import Forgotten
from apps.vault.keyring import keyring
from apps.vault.keyservice.base import Wrapped
from apps.vault.keyservice.current import key_service


class OwnerKind(models.TextChoices):
    """Whose data a key protects."""

    BORROWER = "borrower", _("borrower")
    PERSON = "person", _("member of staff")
    INSTALLATION = "installation", _("installation")


class KeyUse(models.TextChoices):
    """What a key is for."""

    DATA = "data", _("values and files")
    INDEX = "index", _("blind indexes")


class KeyOwner(Row):
    """A borrower, a member of staff or the installation: who can be forgotten by destroying keys.

    ``label`` is a reference for administrators such as ``import sba7a 1182``; never a name.
    """

    kind = models.CharField(_("kind"), max_length=16, choices=OwnerKind.choices)
    label = models.CharField(_("label"), max_length=80, blank=True)

    data_classes = declared(codes="label", facts="kind")

    class Meta:
        verbose_name = _("key owner")
        verbose_name_plural = _("key owners")
        constraints = (
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(kind="installation"),
                name="vault_one_installation",
            ),
        )

    def active_cipher(self) -> DataCipher:
        """Return the key that seals this owner's new values; raises ``Forgotten`` when there is none."""
        key_id = self.__dict__.get("_active_key_id")
        if key_id is None:
            key_id = self._find_active()
            self.remember_active(key_id)
        return keyring.cipher(key_id)

    def remember_active(self, key_id: bytes | None) -> None:
        """Keep the active key's id beside this instance, so that each of its fields need not ask again."""
        self.__dict__["_active_key_id"] = key_id

    def _find_active(self) -> bytes:
        key_id = self.keys.live().filter(use=KeyUse.DATA).values_list("key_id", flat=True).first()
        if key_id is None:
            raise Forgotten
        return bytes.fromhex(key_id)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the row again, and its active key with it."""
        super().refresh_from_db(*args, **kwargs)
        self.remember_active(None)


class DataKeys(WatchedQuerySet["DataKey"]):
    """Questions about keys."""

    def live(self) -> DataKeys:
        """Keys that still seal new values."""
        return self.filter(retired_at=None, destroyed_at=None)

    def unwrapped(self) -> list[DataCipher]:
        """Unwrap the keys in one call of the key service; those that it refuses are left out."""
        rows = list(self.values_list("key_id", "suite", "use", "root_key_id", "wrapped", "owner__uuid"))
        wrapped = [
            Wrapped(root, bytes(blob), wrapping_context(key_id, suite, use, owner))
            for key_id, suite, use, root, blob, owner in rows
        ]
        return [
            DataCipher(bytes.fromhex(row[0]), Suite(row[1]), material)
            for row, material in zip(rows, key_service().unwrap_many(wrapped), strict=True)
            if material is not None
        ]


def wrapping_context(key_id: str, suite: int, use: str, owner: UUID) -> bytes:
    """Return what the wrapping binds: a wrapped key set into another row, owner, suite or use is refused."""
    return framed(b"loanflow/data-key/v1", bytes.fromhex(key_id), bytes([suite]), use.encode(), owner.bytes)


class DataKey(Row):
    """A key of an owner, wrapped by the key service. Destroying it empties ``wrapped``: what it sealed stays shut for ever."""

    owner = models.ForeignKey(KeyOwner, models.PROTECT, related_name="keys", verbose_name=_("owner"))
    use = models.CharField(_("use"), max_length=8, choices=KeyUse.choices, default=KeyUse.DATA)
    key_id = models.CharField(_("key id"), max_length=16, unique=True)
    suite = models.PositiveSmallIntegerField(_("suite"), choices=[(suite.value, suite.name) for suite in Suite])
    wrapped = models.BinaryField(_("wrapped key"))
    root_key_id = models.CharField(_("root key"), max_length=64, db_index=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    destroyed_at = models.DateTimeField(_("destroyed at"), null=True, blank=True)

    objects = DataKeys.as_manager()  # type: ignore[misc]

    data_classes = declared(codes="key_id root_key_id", facts="use suite retired_at destroyed_at", hashed="wrapped")

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "use"],
                condition=models.Q(retired_at=None, destroyed_at=None),
                name="vault_one_live_key",
            ),
        )

    def as_wrapped(self) -> Wrapped:
        """Return the wrapped key as the key service takes it."""
        bound = wrapping_context(self.key_id, self.suite, self.use, self.owner.uuid)
        return Wrapped(self.root_key_id, bytes(self.wrapped), bound)
