"""The institution's own accounts that payments are made from: one in force for each currency."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class PayingAccount(Row):
    """An account of the institution, entered by one person and confirmed by another; never changed, only replaced.

    The account in force of a currency is the confirmed one that has not ended; confirming a new one ends it.
    """

    key_owner = models.ForeignKey("vault.KeyOwner", on_delete=models.PROTECT, related_name="+", editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    number = EncryptedTextField(_("account number"), owner="key_owner", max_length=34, mask="tail4")
    bank_name = models.CharField(_("bank"), max_length=120)
    bank_code = models.CharField(_("bank code"), max_length=40, blank=True)
    entered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    data_classes = declared(institutions="bank_name bank_code", codes="currency", facts="confirmed_at ended_at")

    class Meta:
        verbose_name = _("paying account")
        constraints = [
            models.UniqueConstraint(
                fields=["currency"],
                condition=Q(ended_at=None, confirmed_at__isnull=False),
                name="one_paying_account_in_force",
            ),
            models.UniqueConstraint(
                fields=["currency"], condition=Q(ended_at=None, confirmed_at=None), name="one_paying_account_waiting"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="paying_account_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="paying_account_confirmation_whole",
            ),
        ]
