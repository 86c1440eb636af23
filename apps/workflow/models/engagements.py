"""Audit engagements: what an auditor whose role is bound to them reads, and until when."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField

LONGEST_PURPOSE = 500
ANSWERED_WITHIN = dt.timedelta(days=14)
"""Time for a second person to agree; then it has to be made anew: what nobody answered is not taken up a year later."""


class Engagement(Row):
    """Bounds which cases and which part of the log its auditors read; made by one person, agreed by another.

    In force from its agreement until ``ends_at``, which an early end moves to the present; one that ended without an agreement
    was rejected. ``since`` (inclusive) and ``until`` (exclusive) bound the events.
    """

    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    purpose = EncryptedTextField(owner="asked_by.key_owner", max_length=LONGEST_PURPOSE, mask="words")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField()
    agreed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="since until ends_at agreed_at")

    class Meta:
        verbose_name = _("engagement")
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None)
                | (Q(agreed_by__isnull=False, agreed_at__isnull=False) & ~Q(agreed_by=F("asked_by"))),
                name="engagement_agreed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gt=F("since")), name="engagement_forward"
            ),
        ]

    @property
    def is_over(self) -> bool:
        """Tell whether its end has come."""
        return self.ends_at <= clock.now()

    @property
    def is_live(self) -> bool:
        """Tell whether it is in force."""
        return self.agreed_at is not None and not self.is_over

    @property
    def is_waiting(self) -> bool:
        """Tell whether it waits for a second person."""
        return self.agreed_at is None and not self.is_over and not self.has_lapsed

    @property
    def has_lapsed(self) -> bool:
        """Tell whether nobody has agreed in time."""
        return self.agreed_at is None and self.created_at + ANSWERED_WITHIN <= min(self.ends_at, clock.now())


class EngagementAuditor(Row):
    """One of an engagement's auditors."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="auditors")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("engagement's auditor")
        constraints = [models.UniqueConstraint(fields=["engagement", "person"], name="engagement_auditor_once")]


class EngagementPlace(Row):
    """One of the places an engagement names: a branch with all below it, a case, or a borrower with all its cases."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="places")
    branch = models.ForeignKey("accounts.Branch", models.PROTECT, null=True, blank=True, related_name="+")
    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, null=True, blank=True, related_name="+")
    borrower = models.ForeignKey("borrowers.Borrower", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("engagement's place")
        constraints = [
            models.CheckConstraint(
                condition=Q(branch__isnull=False, case=None, borrower=None)
                | Q(branch=None, case__isnull=False, borrower=None)
                | Q(branch=None, case=None, borrower__isnull=False),
                name="engagement_place_is_one",
            )
        ]
