"""How far each receiver of the log has been told."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditStream(models.Model):
    """A receiver's cursor: the next ``leaf`` to send. ``holder`` sends until ``leased_until``, and nobody else meanwhile."""

    name = models.TextField(primary_key=True)
    leaf = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")
    holder = models.TextField(blank=True, default="")
    leased_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_stream"
        verbose_name = _("stream of the log")
        verbose_name_plural = _("streams of the log")

    def __str__(self) -> str:
        return f"stream up to leaf {self.leaf}"
