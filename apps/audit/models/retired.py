"""Stretches of the log whose bodies were taken out after their time, and what stays of each event (decision 53)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditRetired(models.Model):
    """A retired stretch: the leaves from ``id`` up to, and without, ``stop``; the event ``event`` tells of it."""

    id = models.BigIntegerField(primary_key=True)
    stop = models.BigIntegerField()
    event = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "audit_retired"
        verbose_name = _("retired stretch")
        verbose_name_plural = _("retired stretches")

    def __str__(self) -> str:
        return f"leaves {self.pk} to {self.stop}, retired"


class AuditStub(models.Model):
    """What stays of a retired event: SHA-256 of its body, which the next event on the same object points back to, and
    canonical JSON of ``{object: after-image digest}`` for the rows that no later event had written (empty: none).
    """

    id = models.BigIntegerField(primary_key=True)
    stretch = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    images = models.TextField(default="")

    class Meta:
        db_table = "audit_stub"
        verbose_name = _("stub of a retired event")
        verbose_name_plural = _("stubs of retired events")

    def __str__(self) -> str:
        return f"stub of event {self.pk}"
