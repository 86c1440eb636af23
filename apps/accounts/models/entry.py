"""Ways in and what guards them: invitations, registrations, and counts of failures that lock an account or an address out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.people import Account
from apps.core.classes import declared
from apps.core.models import Row


class Invitation(Row):
    """A single-use link to set a password, open for at most a day; only its digest is kept."""

    evidence_hides = ("digest",)
    account = models.ForeignKey(Account, models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="expires_at used_at withdrawn_at", hashed="digest")

    class Meta:
        verbose_name = _("invitation")


class Registration(Row):
    """A single-use link to open an account of the portal by oneself; of the address only a keyed digest is kept.

    Whoever follows the link types the address again, so a link that goes astray opens nothing.
    """

    evidence_hides = ("digest", "address")
    digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(accounts="address", facts="expires_at used_at", hashed="digest")

    class Meta:
        verbose_name = _("registration")


class FailureCount(models.Model):
    """Failures of one account or address within the window. Ungoverned: every failure is an event of its own."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="key", facts="failures since locked_until")

    def __str__(self) -> str:
        return f"{self.failures} failures"
