"""What an approver signed when a condition was let go or deferred."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.approval.models.signoff import SignOff
from apps.disbursement.models.evidence import ConditionWaiver


class WaiverSignature(SignOff):
    """The approver's signature under one waiver."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="+")
    waiver = models.OneToOneField(ConditionWaiver, on_delete=models.PROTECT, related_name="signature")

    BINDS = ("case", "waiver")

    class Meta:
        verbose_name = _("signature of a waiver")
        ordering = ["id"]
        constraints = [*SignOff.Meta.constraints]

    def bound(self) -> dict[str, object]:
        """The condition of the case, and until when it is deferred, if it is."""
        waiver = self.waiver
        until = waiver.deferred_to
        return {
            "action": "waive" if until is None else "defer", "case": self.case.number, "row": waiver.condition.hex,
            "until": None if until is None else until.isoformat(),
        }  # fmt: skip
