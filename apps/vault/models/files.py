"""Files on disk or in a bucket, encrypted under a key of their own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField
from apps.vault.models.keys import KeyOwner


class EncryptedFile(Row):
    """A stored file. ``size`` (bytes) and ``sha256`` are of the plain content; ``file_key`` is sealed under the owner's key.

    Once it is erased the row stays, with the hash as evidence; its key is empty, so that no copy of the bytes opens either.
    """

    owner = models.ForeignKey(KeyOwner, models.PROTECT, related_name="files", verbose_name=_("owner"))
    storage_name = models.CharField(_("stored as"), max_length=80, unique=True)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    content_type = models.CharField(_("content type"), max_length=120)
    original_name = EncryptedTextField(_("file name"), owner="owner", mask="file", max_length=255)
    file_key = models.BinaryField(_("file key"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    data_classes = declared(codes="storage_name sha256 content_type", facts="size erased_at", hashed="file_key")

    class Meta:
        verbose_name = _("encrypted file")
        verbose_name_plural = _("encrypted files")
