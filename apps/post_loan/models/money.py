"""Repayments, entered by one person and posted by another, and the ledger they move."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class RepaymentState(models.TextChoices):
    """Where a repayment stands."""

    ENTERED = "entered", _("entered, to be checked")
    POSTED = "posted", _("posted")
    REJECTED = "rejected", _("rejected")


class Repayment(Row):
    """Money that came in for a loan; ``reference`` is the bank's, once a loan, so that nothing is posted twice."""

    loan = models.ForeignKey("post_loan.Loan", on_delete=models.PROTECT, related_name="repayments")
    state = models.CharField(max_length=10, choices=RepaymentState, default=RepaymentState.ENTERED)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    value_on = models.DateField(_("value date"))
    reference_text = models.CharField(_("bank reference"), max_length=80)
    settles = models.BooleanField(_("settles the loan early"), default=False)
    entered_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    allocation = models.JSONField(default=list, blank=True)

    data_classes = declared(
        figures="allocation",
        reference="reference_text",
        facts="state amount value_on settles checked_at",
    )

    class Meta:
        verbose_name = _("repayment")
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "reference_text"], condition=~Q(state="rejected"), name="repayment_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_positive"),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(entered_by=None) | ~Q(checked_by=F("entered_by")),
                name="repayment_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="repayment_state_newest")]


class LedgerKind(models.TextChoices):
    """What moved."""

    PAYOUT = "payout", _("payout")
    PRINCIPAL = "principal", _("principal repaid")
    INTEREST = "interest", _("interest received")
    INTEREST_BACK = "interest_back", _("interest paid ahead, given back")
    INTEREST_WAIVED = "interest_waived", _("interest of later periods, not charged")


class LedgerEntry(Row):
    """One movement of a loan; never changed, corrected by a counter-entry. ``balance`` is the principal after it."""

    loan = models.ForeignKey("post_loan.Loan", on_delete=models.PROTECT, related_name="ledger")
    repayment = models.ForeignKey(Repayment, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=16, choices=LedgerKind)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    value_on = models.DateField()
    balance = models.DecimalField(max_digits=18, decimal_places=4)

    data_classes = declared(facts="kind amount value_on balance")

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["id"]
        indexes = [models.Index(fields=["loan", "id"], name="ledger_loan_order")]
