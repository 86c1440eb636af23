"""Files on their way to a case, in pieces."""

from __future__ import annotations

import math

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class Upload(Row):
    """A file that an account sends to a case: how large it will be, and its digest, said beforehand.

    Ungoverned: nothing is handed in before it is finished, and then its document is an event. ``piece`` is the length of
    every piece but the last, in bytes.
    """

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="+")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    name = EncryptedTextField(owner="key_owner", max_length=200, mask="file")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    piece = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)
    document = models.ForeignKey("applications.Document", models.PROTECT, null=True, blank=True, related_name="+")

    data_classes = declared(codes="sha256", facts="size piece expires_at")

    class Meta:
        verbose_name = _("upload")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "case", "sha256"], condition=models.Q(document=None), name="upload_once_on_its_way"
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0, piece__gt=0), name="upload_has_a_size"),
        ]

    @property
    def pieces(self) -> int:
        """How many pieces there will be."""
        return math.ceil(self.size / self.piece)

    def length_of(self, number: int) -> int:
        """Length of piece ``number``, from 0, in bytes."""
        return min(self.piece, self.size - number * self.piece)


class UploadPiece(models.Model):
    """One piece that has come, sealed. Ungoverned like its upload."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    data_classes = declared(facts="number", sealed="content")

    class Meta:
        verbose_name = _("piece of an upload")
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_piece_once")]

    def __str__(self) -> str:
        return f"piece {self.pk}"
