"""Bank accounts that money may go to or come from."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models.business import Borrower
from apps.borrowers.rules import compact
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import BlindIndexField, EncryptedTextField


class VerifiedHow(models.TextChoices):
    """How somebody made sure that an account belongs to its holder."""

    BANK_LETTER = "bank_letter", _("letter of the bank seen")
    STATEMENT = "statement", _("original statement seen")
    TEST_PAYMENT = "test_payment", _("test payment returned")
    BANK_ENQUIRY = "bank_enquiry", _("enquiry at the bank")
    INVOICE = "invoice", _("printed on the supplier's invoice")


class BankAccount(Row):
    """An account of a borrower or a supplier; verified by a second person before any payment."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="bank_accounts")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    holder = EncryptedTextField(_("account holder"), owner="key_owner", max_length=200, mask="name")
    number = EncryptedTextField(_("account number"), owner="key_owner", max_length=60, mask="tail4")
    number_index = BlindIndexField(source="number", normaliser=compact, bits=64)
    bank_name = models.CharField(_("bank"), max_length=120)
    bank_code = models.CharField(_("bank code"), max_length=40, blank=True)
    is_supplier = models.BooleanField(_("account of a supplier (entrusted payment)"), default=False)
    entered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    verified_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(_("verified how"), max_length=20, choices=VerifiedHow, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        institutions="bank_name bank_code",
        facts="is_supplier verified_at verified_how closed_at",
    )

    class Meta:
        verbose_name = _("bank account")
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(entered_by=None) | ~Q(verified_by=F("entered_by")),
                name="account_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None, verified_at=None)
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="account_verification_whole",
            ),
        ]

    @property
    def is_usable(self) -> bool:
        """Tell whether money may be sent to the account: verified and not closed."""
        return self.verified_at is not None and self.closed_at is None
