"""Keys that exports are encrypted to: each auditor's own, of which LoanFlow knows the public part alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.people import Account
from apps.core.classes import declared
from apps.core.models import Row


class RecipientKey(Row):
    """An age recipient of an account; ``fingerprint`` is SHA-256 of it as it is spelt. One at a time is in use."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="recipient_keys")
    recipient = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    retired_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="recipient fingerprint", facts="retired_at")

    class Meta:
        verbose_name = _("key for exports")
        verbose_name_plural = _("keys for exports")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(retired_at=None), name="one_recipient_key"),
        ]
