"""Time-stamps of heads by an authority that the bank does not run (RFC 3161)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditTimestamp(models.Model):
    """A time-stamp authority's answer over a head's note: that head was there ``at`` that moment. ``head`` is its size."""

    head = models.BigIntegerField(unique=True)
    answer = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "audit_timestamp"
        verbose_name = _("time-stamp")
        verbose_name_plural = _("time-stamps")

    def __str__(self) -> str:
        return f"time-stamp of the head of {self.head} events"
