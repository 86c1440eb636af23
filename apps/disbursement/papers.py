"""What stands in the contract: plain values for the typst template, amounts and dates in the reader's locale."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.formats import date_format

from apps.accounts.selectors import institution
from apps.approval.selectors.conditions import conditions_standing as conditions_held
from apps.core import clock
from apps.core.figures import amount as amount_shown
from apps.core.schedules import schedule
from apps.workflow.models import Facility, LoanCase


def contract_data(case: LoanCase, language: str) -> dict[str, Any]:
    """Content of a contract in one language: parties, facilities with terms and an illustrative schedule, conditions."""
    bank = institution()
    with translation.override(language):
        return {
            "number": case.number, "bank": bank.name if bank else "", "borrower": case.borrower.legal_name,
            "made_on": date_format(clock.today()), "facilities": [_facility(each) for each in case.facilities.order_by("position")],
            "conditions": [each.text_in(language) for each in conditions_held(case)],
        }


def _facility(facility: Facility) -> dict[str, Any]:
    amount, term, rate = facility.approved_amount, facility.approved_term, facility.approved_rate
    rows = schedule(
        amount, rate, clock.today(), term, method=facility.repayment, day_count=facility.day_count, currency=facility.currency,
    ) if amount and term and rate is not None else []
    return {
        "amount": amount_shown(amount, facility.currency), "term": term, "rate": f"{rate:.2f}" if rate is not None else "",
        "purpose": facility.purpose, "method": str(facility.get_repayment_display()), "day_count": facility.day_count,
        "available_until": date_format(facility.available_until) if facility.available_until else "",
        "rows": [[str(row.number), date_format(row.due_on), amount_shown(row.principal, facility.currency),
                  amount_shown(row.interest, facility.currency), amount_shown(row.total, facility.currency)] for row in rows],
    }
