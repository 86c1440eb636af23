"""A loan, opened by a paid drawdown, and its schedule."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.post_loan.process import LoanState
from apps.post_loan.rules import Due


class Loan(Row):
    """Money lent: terms as approved and paid out; balance and lateness are copies for lists."""

    number = models.CharField(_("loan"), max_length=16, unique=True)
    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="loans")
    facility = models.ForeignKey("workflow.Facility", on_delete=models.PROTECT, related_name="loans")
    borrower = models.ForeignKey("borrowers.Borrower", on_delete=models.PROTECT, related_name="loans")
    branch = models.ForeignKey("accounts.Branch", on_delete=models.PROTECT, related_name="+")
    drawdown_uuid = models.UUIDField(unique=True)
    state = models.CharField(_("state"), max_length=10, choices=LoanState, default=LoanState.RUNNING)
    version = models.PositiveIntegerField(default=1)
    currency = models.CharField(_("currency"), max_length=3)
    principal = models.DecimalField(_("principal"), max_digits=18, decimal_places=4)
    rate = models.DecimalField(_("rate, % a year"), max_digits=7, decimal_places=4)
    term_months = models.PositiveSmallIntegerField(_("term, months"))
    method = models.CharField(_("repayment"), max_length=20)
    day_count = models.CharField(_("day count"), max_length=10)
    paid_out_on = models.DateField(_("paid out on"))
    balance = models.DecimalField(_("principal outstanding"), max_digits=18, decimal_places=4)
    arrears_since = models.DateField(_("oldest unpaid due date"), null=True, blank=True)
    next_due_on = models.DateField(_("next due"), null=True, blank=True)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        codes="number currency method day_count",
        facts="drawdown_uuid state version principal rate term_months paid_out_on balance arrears_since next_due_on settled_on closed_at",
    )

    class Meta:
        verbose_name = _("loan")
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__gt=0, balance__gte=0) & Q(balance__lte=F("principal")), name="loan_balance"
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "-id"], name="loan_branch_newest"),
            models.Index(fields=["borrower", "-id"], name="loan_borrower_newest"),
            models.Index(fields=["state", "next_due_on", "id"], name="loan_state_next_due"),
        ]

    @property
    def reference(self) -> str:
        """The loan number, ``LN-YYYY-NNNNNN``."""
        return self.number


class ScheduleRow(Row):
    """One instalment: what is due and what of it has been paid."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="schedule")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("due on"))
    principal = models.DecimalField(_("principal"), max_digits=18, decimal_places=4)
    interest = models.DecimalField(_("interest"), max_digits=18, decimal_places=4)
    paid_principal = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    paid_interest = models.DecimalField(max_digits=18, decimal_places=4, default=0)

    data_classes = declared(facts="number due_on principal interest paid_principal paid_interest")

    class Meta:
        verbose_name = _("instalment")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "number"], name="instalment_number"),
            models.CheckConstraint(
                condition=Q(
                    paid_principal__gte=0,
                    paid_interest__gte=0,
                    paid_principal__lte=F("principal"),
                    paid_interest__lte=F("interest"),
                ),
                name="instalment_not_overpaid",
            ),
        ]

    def as_due(self) -> Due:
        """The row as a plain value for the rules."""
        return Due(self.number, self.due_on, self.principal, self.interest, self.paid_principal, self.paid_interest)


class LoanCounter(models.Model):
    """Last loan number given in a year; its row is locked while a number is taken."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    data_classes = declared(facts="year last")

    class Meta:
        verbose_name = _("loan counter")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
