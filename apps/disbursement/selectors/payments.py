"""Reads of drawdowns, and what a facility has left."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet, Sum

from apps.disbursement import rules
from apps.disbursement.models import Drawdown
from apps.disbursement.models.payment import COUNTED
from apps.workflow.models import Facility, LoanCase


def drawdowns_of(case: LoanCase) -> QuerySet[Drawdown]:
    """Drawdowns of a case with order, payee and facility, oldest first."""
    return Drawdown.objects.filter(case=case).select_related("order__maker", "order__checker", "payee", "facility").order_by("id")


def drawn_of(facility: Facility, *, without: Drawdown | None = None) -> Decimal:
    """What of a facility is drawn or on its way, leaving one drawdown out."""
    rows = Drawdown.objects.filter(facility=facility, state__in=COUNTED)
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def room_of(facility: Facility, *, without: Drawdown | None = None) -> Decimal:
    """What may still be drawn of a facility."""
    return rules.room_left(facility.approved_amount, drawn_of(facility, without=without))
