"""What somebody has typed into a form and not sent: no act, and no evidence of one."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.people import Account
from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedJSONField


class Draft(Row):
    """One form of one account, by the route and a digest of the address. Ungoverned: nothing happens until the form is sent.

    ``borrower`` is the number of the one that the form is about: when it is forgotten the draft goes. Sealed under the account holder's own key, so that it opens for nobody else's row and goes with that key.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="drafts")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    route = models.CharField(max_length=80)
    place = models.CharField(max_length=64)
    basis = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    kept_at = models.DateTimeField(default=clock.now, db_index=True)
    borrower = models.BigIntegerField(null=True, blank=True, db_index=True)
    body = EncryptedJSONField(owner="key_owner", mask="full")

    data_classes = declared(codes="route place basis", facts="version kept_at borrower")

    class Meta:
        verbose_name = _("draft")
        constraints = [models.UniqueConstraint(fields=["account", "place"], name="accounts_one_draft_a_form")]


class SentForm(models.Model):
    """A form that was sent, so that it is done once. Ungoverned: what it did is an event of its own service."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    url = models.CharField(max_length=400, blank=True)
    sent_at = models.DateTimeField(default=clock.now, db_index=True)

    data_classes = declared(codes="key url", facts="sent_at")

    class Meta:
        verbose_name = _("form sent")
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="accounts_form_sent_once")]

    def __str__(self) -> str:
        return f"form of account {self.account_id}"
