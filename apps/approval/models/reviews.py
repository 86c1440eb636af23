"""A borrower's request that a person look at a decision again, and what that person found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class ReviewOutcome(models.TextChoices):
    """What became of a second look. ``reopened`` and ``referred`` change nothing by themselves: rows of the process do."""

    UPHELD = "upheld", _("the decision stands")
    REOPENED = "reopened", _("the case is decided anew")
    REFERRED = "referred", _("the terms are looked at anew")


class DecisionReview(Row):
    """One request about one decision: the step that declined the case, or that offered other terms than were asked."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="decision_reviews")
    step = models.OneToOneField("workflow.CaseStep", models.PROTECT, related_name="+", verbose_name=_("decision"))
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    words = EncryptedTextField(_("in the borrower's words"), owner="key_owner", max_length=4000, mask="full")
    due_on = models.DateField(_("answer by"))
    reviewer = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ReviewOutcome, blank=True)
    reasons = EncryptedTextField(_("reasons"), owner="key_owner", max_length=2000, blank=True, default="", mask="full")

    data_classes = declared(facts="due_on reviewed_at outcome")

    class Meta:
        verbose_name = _("second look at a decision")
        verbose_name_plural = _("second looks at decisions")
        ordering = ["id"]
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(reviewed_at=None), name="review_open_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewer=None, outcome="")
                | (Q(reviewed_at__isnull=False, reviewer__isnull=False) & ~Q(outcome="")),
                name="review_whole",
            ),
        ]
