"""Evidence that conditions are met, and waivers of those that will not be."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class EvidenceState(models.TextChoices):
    """What became of a piece of evidence."""

    GIVEN = "given", _("to be verified")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


class ConditionEvidence(Row):
    """What an officer gives for one condition, and what another person makes of it. ``condition`` is the condition's uuid."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="condition_evidence")
    condition = models.UUIDField(db_index=True)
    key_owner = models.ForeignKey("vault.KeyOwner", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=EvidenceState, default=EvidenceState.GIVEN)
    file = models.ForeignKey("vault.EncryptedFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = EncryptedTextField(_("what it shows"), owner="key_owner", max_length=1000, mask="full")
    given_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    remark = EncryptedTextField(_("remark"), owner="key_owner", max_length=1000, blank=True, default="", mask="full")

    data_classes = declared(facts="condition state decided_at")

    class Meta:
        verbose_name = _("evidence of a condition")
        constraints = [
            models.UniqueConstraint(fields=["condition"], condition=~Q(state="rejected"), name="one_standing_evidence"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("given_by")), name="evidence_four_eyes"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="evidence_state_newest")]


class EvidenceOpening(models.Model):
    """Who has opened the paper of which evidence. Ungoverned: each opening is an event of its own."""

    evidence = models.ForeignKey(ConditionEvidence, models.PROTECT, related_name="openings")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    first_at = models.DateTimeField(default=clock.now)

    data_classes = declared(facts="first_at")

    class Meta:
        verbose_name = _("opening of evidence")
        constraints = [models.UniqueConstraint(fields=["evidence", "person"], name="evidence_opening_once_a_person")]

    def __str__(self) -> str:
        return f"opening {self.pk}"


class ConditionWaiver(Row):
    """An approver of the case's level lets a condition go, or defers it to a day after payout that is followed."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="condition_waivers")
    condition = models.UUIDField(unique=True)
    key_owner = models.ForeignKey("vault.KeyOwner", on_delete=models.PROTECT, related_name="+")
    deferred_to = models.DateField(_("deferred to"), null=True, blank=True)
    reason = EncryptedTextField(_("reason"), owner="key_owner", max_length=1000, mask="full")
    signed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    factor_at = models.DateTimeField()

    data_classes = declared(facts="condition deferred_to factor_at")

    class Meta:
        verbose_name = _("waiver of a condition")


class ConditionFollowUp(Row):
    """A condition to be met after payout and its day: kept for lists and reminders, brought up to date by ``following``."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="condition_follow_ups")
    condition = models.UUIDField(unique=True)
    due_on = models.DateField(_("due on"))
    done_at = models.DateTimeField(_("met or waived"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)

    data_classes = declared(facts="condition due_on done_at reminded_at")

    class Meta:
        verbose_name = _("condition to follow")
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(done_at=None), name="follow_up_open_by_day"),
        ]
