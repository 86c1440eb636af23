"""The case that travels and the facilities it asks for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField
from apps.workflow.states import ENDED, SIGNED, STAGE_OF, Stage, State

NO_DEADLINE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Sorts last; shown as no deadline."""
SHOWN = Coalesce("amount_proposed", "amount_asked")
"""The amount that lists show and go by: what is to be signed, where that is known, else what is asked."""


class LoanCase(Row):
    """One application on its way; ``version`` grows with every change that a reader may have based a decision on.

    Amounts and grade are copies for lists, kept by ``case_summarise``; the stages own the originals.
    """

    number = models.CharField(_("case"), max_length=16, unique=True)
    borrower = models.ForeignKey("borrowers.Borrower", on_delete=models.PROTECT, related_name="cases")
    branch = models.ForeignKey("accounts.Branch", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("workflow.Product", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.APPLICATION)
    came_from = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)
    holder = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    amount_asked = models.DecimalField(_("asked"), max_digits=18, decimal_places=4, default=0)
    amount_proposed = models.DecimalField(_("proposed"), max_digits=18, decimal_places=4, null=True, blank=True)
    grade = models.CharField(_("grade"), max_length=2, blank=True)
    missing = models.JSONField(_("missing"), default=list, blank=True)
    is_secured = models.BooleanField(_("secured"), default=False)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    is_frozen = models.BooleanField(_("frozen"), default=False)
    frozen_by = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    entered_at = models.DateTimeField(_("in this state since"))
    due_at = models.DateTimeField(_("due"), default=NO_DEADLINE)
    paused_seconds = models.PositiveIntegerField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=40, blank=True)
    source_id = models.CharField(max_length=80, blank=True)

    data_classes = declared(
        accounts="changed_by",
        codes="number came_from currency grade missing source source_id",
        facts="state stage version amount_asked amount_proposed is_secured is_urgent is_frozen submitted_at decided_at entered_at due_at paused_seconds warned_at changed_at",
    )

    class Meta:
        verbose_name = _("case")
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], condition=~Q(source=""), name="case_imported_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
        ]
        indexes = [
            models.Index(fields=["branch", "state", "due_at", "id"], name="case_branch_state_due"),
            models.Index(fields=["branch", "-id"], name="case_branch_newest"),
            models.Index(fields=["holder", "due_at", "id"], name="case_holder_due"),
            models.Index(fields=["borrower", "-id"], name="case_borrower_newest"),
            models.Index(fields=["state", "due_at", "id"], name="case_state_due"),
            models.Index(fields=["branch", "state", "-id"], name="case_branch_state_newest"),
            models.Index(fields=["branch", "grade", "-id"], name="case_branch_grade"),
            models.Index(fields=["branch", "due_at", "id"], name="case_branch_due"),
            models.Index(fields=["branch", "entered_at", "id"], name="case_branch_entered"),
            models.Index("branch", SHOWN, "id", name="case_branch_amount"),
            models.Index(fields=["due_at", "id"], name="case_due"),
            models.Index(fields=["entered_at", "id"], name="case_entered"),
            models.Index(SHOWN, "id", name="case_amount"),
            models.Index(fields=["branch", "-id"], condition=Q(is_frozen=True), name="case_frozen"),
            models.Index(fields=["branch", "state", "-id"], condition=Q(holder=None), name="case_unheld"),
        ]

    @property
    def reference(self) -> str:
        """The case number, ``LF-YYYY-NNNNNN``."""
        return self.number

    @property
    def is_open(self) -> bool:
        """Tell whether the case may still move without being reopened."""
        return self.state not in ENDED

    @property
    def amount(self) -> Decimal:
        """What is to be signed, where that is known, else what is asked."""
        return self.amount_asked if self.amount_proposed is None else self.amount_proposed

    @property
    def is_signed(self) -> bool:
        """Tell whether the approval is given: the amount is no longer one to sign."""
        return self.state in SIGNED

    @property
    def stage_now(self) -> str:
        """Stage of the state, or the last one reached where the state has none."""
        return STAGE_OF.get(self.state, self.stage)

    def get_absolute_url(self) -> str:
        """Page of the case."""
        return f"/cases/{self.number}/"


class FacilityState(models.TextChoices):
    """Where a facility stands; it outlives its case."""

    ASKED = "asked", _("asked for")
    APPROVED = "approved", _("approved")
    ACTIVE = "active", _("active")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class Facility(Row):
    """One loan or limit asked for in a case: what was asked, and later what was approved."""

    case = models.ForeignKey(LoanCase, on_delete=models.PROTECT, related_name="facilities")
    borrower = models.ForeignKey("borrowers.Borrower", on_delete=models.PROTECT, related_name="facilities")
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(
        _("kind"),
        max_length=12,
        default="new",
        choices=[
            ("new", _("new loan")),
            ("renewal", _("renewal")),
            ("top_up", _("top-up")),
            ("restructure", _("restructure")),
            ("revolving", _("revolving limit")),
        ],
    )
    state = models.CharField(max_length=12, choices=FacilityState, default=FacilityState.ASKED)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount asked"), max_digits=18, decimal_places=4)
    term_months = models.PositiveSmallIntegerField(_("term, months"))
    purpose = EncryptedTextField(
        _("purpose"), owner="borrower.key_owner", max_length=400, blank=True, default="", mask="words"
    )
    repayment = models.CharField(
        _("repayment"),
        max_length=20,
        default="equal_instalment",
        choices=[("equal_instalment", _("equal instalment")), ("equal_principal", _("equal principal"))],
    )
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    approved_amount = models.DecimalField(_("amount approved"), max_digits=18, decimal_places=4, null=True, blank=True)
    approved_term = models.PositiveSmallIntegerField(_("term approved, months"), null=True, blank=True)
    approved_rate = models.DecimalField(
        _("rate approved, % a year"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    day_count = models.CharField(max_length=10, default="30/360")
    available_until = models.DateField(_("available until"), null=True, blank=True)

    data_classes = declared(
        codes="currency day_count",
        facts="position kind state amount term_months repayment approved_amount approved_term approved_rate available_until",
    )

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="facility_position"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="facility_amount"),
        ]
