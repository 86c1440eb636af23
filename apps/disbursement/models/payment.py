"""Drawdowns and the one payment order of each."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.disbursement.models.invoice import SupplierInvoice
from apps.disbursement.models.paying import PayingAccount
from apps.vault.fields import EncryptedTextField


class DrawdownState(models.TextChoices):
    """Where a drawdown stands: prepared → released → paying → paid, rejected or in doubt."""

    PREPARED = "prepared", _("prepared")
    RELEASED = "released", _("released")
    PAYING = "paying", _("sent to the bank")
    PAID = "paid", _("paid")
    REJECTED = "rejected", _("rejected")
    IN_DOUBT = "in_doubt", _("in doubt")
    CANCELLED = "cancelled", _("cancelled")


COUNTED = (
    DrawdownState.PREPARED,
    DrawdownState.RELEASED,
    DrawdownState.PAYING,
    DrawdownState.PAID,
    DrawdownState.IN_DOUBT,
)
"""States that use up the facility."""
UNANSWERED = (DrawdownState.PREPARED, DrawdownState.RELEASED, DrawdownState.PAYING, DrawdownState.IN_DOUBT)
"""States that wait for the checker, the worker or the bank."""


class Drawdown(Row):
    """One draw on a facility: amount, payee, and for entrusted payment the supplier's invoice.

    ``bill`` is the invoice with its facts, ``invoice`` its scan. ``netted`` of the amount settles the loans that the facility replaces, quoted for ``netted_on``; the order pays the rest.
    """

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="drawdowns")
    facility = models.ForeignKey("workflow.Facility", on_delete=models.PROTECT, related_name="drawdowns")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(_("state"), max_length=10, choices=DrawdownState, default=DrawdownState.PREPARED)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    payee = models.ForeignKey("borrowers.BankAccount", on_delete=models.PROTECT, related_name="+")
    purpose = EncryptedTextField(_("purpose"), owner="case.borrower.key_owner", max_length=200, mask="words")
    invoice = models.ForeignKey(
        "vault.EncryptedFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    value_on = models.DateField(_("value date"), null=True, blank=True)
    bill = models.ForeignKey(SupplierInvoice, null=True, blank=True, on_delete=models.PROTECT, related_name="drawdowns")
    netted = models.DecimalField(
        _("kept back to settle the loan it replaces"), max_digits=18, decimal_places=4, default=0
    )
    netted_on = models.DateField(null=True, blank=True)

    data_classes = declared(codes="currency", facts="number state amount value_on netted netted_on")

    class Meta:
        verbose_name = _("drawdown")
        constraints = [
            models.UniqueConstraint(fields=["facility", "number"], name="drawdown_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="drawdown_positive"),
            models.CheckConstraint(
                condition=Q(netted__gte=0) & Q(netted__lte=F("amount")), name="drawdown_netted_within"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="drawdown_state_newest")]


class PaymentOrder(Row):
    """The one order of a drawdown; one of nothing is never sent, the drawdown only settles old loans in the books.

    Amount, payee and paying account are fixed when prepared; ``sha256`` is of the bytes that go out."""

    drawdown = models.OneToOneField(Drawdown, on_delete=models.PROTECT, related_name="order")
    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="+")
    paying_account = models.ForeignKey(PayingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_to_end_id = models.CharField(max_length=32, unique=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    maker = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    checker = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    bank_reference = models.CharField(_("bank reference"), max_length=80, blank=True)

    data_classes = declared(
        codes="end_to_end_id currency sha256 file_name",
        reference="bank_reference",
        facts="amount released_at leased_until attempts sent_at settled_at",
    )

    class Meta:
        verbose_name = _("payment order")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, sent_at=None, sha256="", paying_account=None),
                name="order_positive_or_booked",
            ),
            models.CheckConstraint(condition=Q(checker=None) | ~Q(checker=F("maker")), name="order_four_eyes"),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(checker__isnull=False), name="order_released_by_checker"
            ),
        ]
        indexes = [
            models.Index(
                fields=["released_at"], condition=Q(sent_at=None, released_at__isnull=False), name="order_to_send"
            )
        ]
