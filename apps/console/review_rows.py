"""Rows of the quarterly review of rights: a review, and a line for every right, exception and delegation of a person."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import Delegation, RoleGrant
from apps.accounts.models import Person
from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField
from apps.workflow.models import CaseBlock, LoanCaseUserObjectPermission


class LineKind(models.TextChoices):
    """What a line is about."""

    ROLE = "role", _("Role")
    SHARE = "share", _("Shared case")
    BLOCK = "block", _("Kept off a case")
    DELEGATION = "delegation", _("Right of another")


class Verdict(models.TextChoices):
    """What became of a line. ``SUSPENDED``: nobody answered; ``STAYS``: nobody answered, and it may not fall by itself."""

    OPEN = "", _("unanswered")
    KEEP = "keep", _("right kept")
    REVOKE = "revoke", _("right revoked")
    SUSPENDED = "suspended", _("suspended, nobody answered")
    STAYS = "stays", _("stays, nobody answered")
    GONE = "gone", _("ended before it was answered")


class RightsReview(Row):
    """A review of all rights. ``opened_by`` is empty where the clock opened it; ``report`` is the signed note of its end."""

    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    deadline = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    report = models.TextField(blank=True, default="")

    data_classes = declared(facts="deadline reminded_at closed_at", accounts="report")

    class Meta:
        verbose_name = _("review of rights")
        verbose_name_plural = _("reviews of rights")

    @property
    def is_open(self) -> bool:
        """Tell whether its lines may still be answered."""
        return self.closed_at is None and self.deadline > clock.now()


class ReviewLine(Row):
    """One right of one person as it stood when the review was opened, and what its reviewer said.

    ``reviewer`` is the line manager; empty, administrators answer. Nobody answers a line of their own.
    """

    review = models.ForeignKey(RightsReview, models.PROTECT, related_name="lines")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=12, choices=LineKind)
    grant = models.ForeignKey(RoleGrant, models.PROTECT, null=True, blank=True, related_name="+")
    delegation = models.ForeignKey(Delegation, models.PROTECT, null=True, blank=True, related_name="+")
    share = models.ForeignKey(LoanCaseUserObjectPermission, models.PROTECT, null=True, blank=True, related_name="+")
    block = models.ForeignKey(CaseBlock, models.PROTECT, null=True, blank=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    conflicts = models.JSONField(default=list, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True, default=Verdict.OPEN)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField(owner="person.key_owner", max_length=300, blank=True, default="", mask="words")

    data_classes = declared(facts="kind last_used_at verdict decided_at", codes="conflicts")

    class Meta:
        verbose_name = _("line of a review of rights")
        verbose_name_plural = _("lines of a review of rights")
        indexes = [models.Index(fields=["review", "verdict", "reviewer"], name="console_review_open_lines")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("person")), name="console_review_by_another"
            ),
            models.CheckConstraint(
                condition=Q(grant__isnull=False, delegation=None, share=None, block=None)
                | Q(grant=None, delegation__isnull=False, share=None, block=None)
                | Q(grant=None, delegation=None, share__isnull=False, block=None)
                | Q(grant=None, delegation=None, share=None, block__isnull=False),
                name="console_review_line_about_one",
            ),
        ]

    @property
    def words(self) -> Any:
        """What it is about, in words; handles and case numbers, never names."""
        if self.grant is not None:
            return f"{self.grant.role_label} · {self.grant.where_words}"
        if self.delegation is not None:
            return _("%(role)s, handed over by a colleague") % {"role": self.delegation.role_label}
        if self.share is not None:
            return self.share.content_object.number
        return self.block.case.number if self.block is not None else ""

    @property
    def until(self) -> Any:
        """When it ends by itself; ``None`` for what has no end."""
        if self.share is not None or self.block is not None:
            return (self.share or self.block).ends_at  # type: ignore[union-attr]
        return (self.grant or self.delegation).ends  # type: ignore[union-attr]
