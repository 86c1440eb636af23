"""Entering what a credit bureau reports."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.applications.selectors import ConsentOutcome
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.credit_review import intake
from apps.credit_review.facts import BureauFigures
from apps.credit_review.models import BureauReport
from apps.credit_review.services.alerts import alerts_refresh
from apps.credit_review.services.entry import RETESTING, REVIEWING, review_enter, text_taken
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

BUREAU_LENGTH = 80


@act
def bureau_report_enter(
    *, actor: Actor, case: LoanCase, version: int, bureau: str, report_date: dt.date, figures: BureauFigures,
    party: Party | None = None, document_id: int | None = None,
) -> BureauReport:  # fmt: skip
    """Enter a report on the borrower, or on a party, by hand. Refused without a consent that is older than the report."""
    locked = review_enter(case, actor=actor, version=version, states=RETESTING)
    consent = _consent(locked, party, report_date)
    _check_figures(figures)
    report = BureauReport.objects.create(
        case=locked, party=party, key_owner_id=party.key_owner_id if party else locked.borrower.key_owner_id,
        bureau=text_taken("bureau", bureau, most=BUREAU_LENGTH, required=True), report_date=report_date,
        consent_id=consent.id, consent_on=consent.given_on, document_id=document_id, figures=figures.as_json(),
        entered_by_id=actor.person_id,
    )  # fmt: skip
    if locked.state in REVIEWING:
        alerts_refresh(locked)
    case_touch(locked, actor=actor)
    record(
        Tag.BUREAU_REPORT_ENTERED, actor=actor, subject=report, case=locked, stage=locked.stage,
        note={"consent": consent.id, "report_date": report_date.isoformat()},
    )  # fmt: skip
    return report


def _consent(case: LoanCase, party: Party | None, report_date: dt.date) -> ConsentOutcome:
    if party is not None and party.borrower_id != case.borrower_id:
        raise BadInput({"party": [_("Choose one of the people behind this business.")]})
    if report_date > clock.today():
        raise BadInput({"report_date": [_("This day lies in the future.")]})
    consent = intake.bureau_consent(case, party)
    if consent is None:
        raise BadInput({"party": [_("Without consent nobody may ask the bureau. Ask the officer to obtain it.")]})
    if report_date < consent.given_on:
        line = _("The report is older than the consent of %(day)s: ask the bureau anew.") % {"day": consent.given_on}
        raise BadInput({"report_date": [line]})
    return consent


def _check_figures(figures: BureauFigures) -> None:
    names = ("open_loans", "worst_dpd", "enquiries", "total_debt", "overdue_now")
    below = [name for name in names if getattr(figures, name) < 0]
    if below:
        raise BadInput({name: [_("Enter zero or more.")] for name in below})
    if figures.overdue_now > figures.total_debt:
        raise BadInput({"overdue_now": [_("More cannot be overdue than is owed.")]})
