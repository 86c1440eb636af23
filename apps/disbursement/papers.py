"""What stands in the contract: plain values for the typst template, amounts and dates in the reader's locale."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.selectors import institution
from apps.core import clock, figures
from apps.core.schedules import Instalment, schedule
from apps.disbursement.securities import collateral_lines, condition_lines, guarantor_lines
from apps.disbursement.selectors.guarantees import guarantors_approved
from apps.workflow.models import Facility, LoanCase


def contract_data(case: LoanCase, language: str) -> dict[str, Any]:
    """Content of a contract in one language: parties, facilities with terms and an illustrative schedule, what secures them."""
    found, guarantors = institution(), guarantors_approved(case)
    bank, borrower = found.name if found else "", case.borrower.legal_name
    with translation.override(language):
        return {
            "title": _("Loan contract"),
            "institution": bank,
            "reference": case.number,
            "footer": case.number,
            "opening": [
                _("Between %(bank)s (the lender) and %(borrower)s (the borrower), drawn up on %(day)s.")
                % {"bank": bank, "borrower": borrower, "day": date_format(clock.today())},
                _("The lender grants the following credit, to be drawn when the conditions below are met."),
            ],
            "facilities": [_facility(each) for each in case.facilities.order_by("position")],
            "heading": [_("No."), _("Due on"), _("Principal"), _("Interest"), _("Instalment")],
            "lists": [
                [_("Guarantors"), guarantor_lines(case, guarantors)],
                [_("Collateral"), collateral_lines(case)],
                [_("Conditions"), condition_lines(case, language)],
            ],
            "closing": [
                _(
                    "This contract is made in English and Chinese; both texts state the same terms. Each party signs every copy."
                )
            ],
            "signatures": [borrower, *(each.party.name.reveal() for each in guarantors), bank],
        }


def _facility(facility: Facility) -> dict[str, Any]:
    rows = _rows(facility)
    return {
        "heading": _("Facility %(number)s: %(purpose)s")
        % {"number": facility.position, "purpose": facility.purpose.words or "–"},
        "pairs": _terms(facility),
        "rows": [_line(row, facility.currency) for row in rows],
        "note": _("If all were drawn today, it would be repaid as follows:"),
    }


def _terms(facility: Facility) -> list[list[str]]:
    until = facility.available_until
    return [
        [_("Amount"), f"{facility.currency} {figures.amount(facility.approved_amount, facility.currency)}"],
        [_("Term"), _("%(months)s months") % {"months": facility.approved_term or "–"}],
        [
            _("Rate"),
            _("%(rate)s a year, %(day_count)s")
            % {"rate": figures.percent(facility.approved_rate), "day_count": facility.day_count},
        ],
        [_("Repayment"), str(facility.get_repayment_display())],
        [_("Available until"), date_format(until) if until else "–"],
    ]


def _rows(facility: Facility) -> list[Instalment]:
    amount, term, rate = facility.approved_amount, facility.approved_term, facility.approved_rate
    if not amount or not term or rate is None:
        return []
    return schedule(
        amount,
        rate,
        clock.today(),
        term,
        method=facility.repayment,
        day_count=facility.day_count,
        currency=facility.currency,
    )


def _line(row: Instalment, currency: str) -> list[str]:
    money = [figures.amount(value, currency) for value in (row.principal, row.interest, row.total)]
    return [str(row.number), date_format(row.due_on), *money]
