"""Decisions against a loan: declined for good, or referred to the next level with a dissent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class DeclineOutcome(models.TextChoices):
    """What became of an approver's no."""

    DECLINED = "declined", _("declined")
    REFERRED = "referred", _("referred to the next level")


class DeclineDecision(Row):
    """An approver's no to one memo, with reasons from the list; the dissent stays with the memo for all who sign later."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="declines")
    memo = models.ForeignKey("approval.DecisionMemo", models.PROTECT, related_name="declines")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    level = models.CharField(_("level"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=10, choices=DeclineOutcome)
    reasons = models.JSONField(_("reasons"), default=list)
    dissent = EncryptedTextField(_("dissent"), owner="key_owner", max_length=4000, blank=True, default="", mask="full")
    decided_at = models.DateTimeField(_("decided"), default=clock.now)

    data_classes = declared(codes="level reasons", facts="outcome decided_at")

    class Meta:
        verbose_name = _("decision to decline")
        verbose_name_plural = _("decisions to decline")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["memo", "person"], name="one_decline_a_person")]
