"""Sessions that their owner can list and end."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.people import Account
from apps.core import clock
from apps.core.actor import Factor
from apps.core.classes import declared
from apps.core.models import Row

FACTORS = [(factor.value, factor.value or "none") for factor in Factor]


class SessionRecord(Row):
    """One complete sign-in, from its second factor to its end.

    The browser's session holds this row's uuid on the server side, so its key can change at every step. Its factor was proved
    from ``factor_network`` with a device of the kind ``factor_device``; ``seen_from`` lists pairs of such that it was used
    from besides.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="session_records")
    factor = models.CharField(max_length=16, choices=FACTORS)
    factor_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=120, blank=True)
    factor_network = models.CharField(max_length=43, blank=True)
    factor_device = models.CharField(max_length=40, blank=True)
    seen_from = models.JSONField(default=list, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=32, blank=True)

    data_classes = declared(
        accounts="address device factor_network factor_device seen_from", codes="end_reason",
        facts="factor factor_at ended_at",
    )  # fmt: skip

    class Meta:
        verbose_name = _("session")
        indexes = [models.Index(fields=["account", "ended_at"], name="accounts_session_open")]


class SessionPulse(models.Model):
    """When a session was last used, to the minute. Ungoverned: it moves with nearly every request."""

    session = models.OneToOneField(SessionRecord, models.PROTECT, related_name="pulse", primary_key=True)
    seen_at = models.DateTimeField(default=clock.now)

    data_classes = declared(facts="seen_at")

    def __str__(self) -> str:
        return f"seen {self.seen_at:%H:%M}"
