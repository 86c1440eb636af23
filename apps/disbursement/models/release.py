"""What the checker signed when a payment was released."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.approval.models.signoff import SignOff
from apps.disbursement.models.payment import Drawdown, PaymentOrder


class ReleaseSignature(SignOff):
    """The checker's signature under the release of one order."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="+")
    drawdown = models.ForeignKey(Drawdown, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(PaymentOrder, on_delete=models.PROTECT, related_name="release_signature")

    BINDS = ("case", "drawdown", "order")

    class Meta:
        verbose_name = _("signature of a release")
        ordering = ["id"]
        constraints = [*SignOff.Meta.constraints]

    def bound(self) -> dict[str, object]:
        """The order, its drawdown and their case."""
        drawdown, order = self.drawdown, self.order
        return {
            "action": "release", "case": self.case.number, "drawdown": drawdown.number, "order": order.end_to_end_id
        }  # fmt: skip
