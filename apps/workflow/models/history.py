"""What was done to a case, step by step, and by whom as which duty."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class CaseStep(Row):
    """One event of the process table that happened; the timeline of the case page. A deputy's step names both persons."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="steps")
    event = models.CharField(max_length=32)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=80)
    person = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        "accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason_codes = models.JSONField(default=list, blank=True)

    data_classes = declared(accounts="actor_name", codes="event from_state to_state reason_codes")

    class Meta:
        verbose_name = _("step")
        indexes = [models.Index(fields=["case", "id"], name="step_case_order")]


class DutyDone(Row):
    """A duty that a person took on in a case; kept for ever, it excludes other duties of that person."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="duties")
    borrower = models.ForeignKey("borrowers.Borrower", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="duties")
    duty = models.CharField(max_length=12)
    event = models.CharField(max_length=32)

    data_classes = declared(codes="duty event")

    class Meta:
        verbose_name = _("duty done")
        verbose_name_plural = _("duties done")
        constraints = [models.UniqueConstraint(fields=["case", "person", "duty"], name="duty_once_a_case")]
        indexes = [models.Index(fields=["borrower", "person"], name="duty_borrower_person")]


class CaseCounter(models.Model):
    """Last case number given in a year; its row is locked while a number is taken."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    data_classes = declared(facts="year last")

    class Meta:
        verbose_name = _("case counter")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
