"""Exports that are made in the background: how far each has come, where its file lies and until when."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.vault.models import EncryptedFile


class ExportState(models.TextChoices):
    """What has become of an export."""

    ASKED = "asked", _("Waits for another person")
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being written")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")
    REFUSED = "refused", _("Refused")
    LAPSED = "lapsed", _("Lapsed, nobody answered")


class AuditExport(models.Model):
    """An export that somebody asked for. What for, by whom and of what stands in the event that asked for it (``event``).

    One in clear has a time by which another person answers, and the number of the event in which they did.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.BigIntegerField(db_index=True)
    event = models.BigIntegerField()
    form = models.CharField(max_length=8)
    state = models.CharField(max_length=8, choices=ExportState, default=ExportState.WAITING)
    written = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    file = models.OneToOneField(EncryptedFile, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.BigIntegerField(null=True)
    answer_by = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        db_table = "audit_export"
        ordering = ["-id"]
        verbose_name = _("export of the log")
        verbose_name_plural = _("exports of the log")

    def __str__(self) -> str:
        return f"export {self.pk}"
