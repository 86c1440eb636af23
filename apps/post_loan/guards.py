"""Guards of the process table that post-loan answers for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.post_loan.models import Loan
from apps.post_loan.process import LoanState
from apps.workflow.models import FacilityState, LoanCase
from apps.workflow.registry import guard


@guard("loans_closed", _("All loans and facilities are closed"))
def loans_closed(case: LoanCase, actor: Actor, facts: Mapping[str, Any]) -> list[Any]:
    """Every loan closed, every facility closed or cancelled."""
    open_loans = Loan.objects.filter(case=case).exclude(state=LoanState.CLOSED).exists()
    open_facilities = case.facilities.exclude(state__in=[FacilityState.CLOSED, FacilityState.CANCELLED]).exists()
    return [_("A loan or facility of the case is not closed yet.")] if open_loans or open_facilities else []
