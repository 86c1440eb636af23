"""Alerts: what must be explained before anybody may recommend."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.credit_review.alerting import AlertKind, wording
from apps.vault.fields import EncryptedTextField


class Alert(Row):
    """Something that ought to make one look twice; it ends when the figures no longer call for it.

    Its words are made from ``kind``, ``topic`` and ``data`` in the reader's language; notes and explanations may name
    people and are encrypted.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="alerts")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind)
    topic = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict, blank=True)
    note = EncryptedTextField(_("note"), owner="key_owner", max_length=1000, blank=True, default="", mask="full")
    explanation = EncryptedTextField(
        _("explanation"), owner="key_owner", max_length=2000, blank=True, default="", mask="full"
    )
    explained_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(figures="topic data", facts="kind explained_at ended_at")

    class Meta:
        verbose_name = _("alert")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "topic"], condition=Q(ended_at=None) & ~Q(kind=AlertKind.OTHER), name="alert_once",
            ),
            models.CheckConstraint(
                condition=Q(explained_at=None) | Q(explained_by__isnull=False), name="alert_explained_by_somebody",
            ),
        ]  # fmt: skip

    @property
    def text(self) -> str:
        """The alert in one sentence."""
        return wording(self.kind, self.topic, self.data)

    @property
    def is_explained(self) -> bool:
        """Tell whether somebody has explained it."""
        return self.explained_at is not None
