"""Gathers what a case's review rests on."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.borrowers.models import Party
from apps.core.gathered import filled, rows
from apps.credit_review.facts import BureauFigures, ReviewFacts, Year
from apps.credit_review.models import (
    Alert,
    BureauReport,
    FinancialStatement,
    Recommendation,
    RecommendedTerms,
    ScoreRun,
)
from apps.credit_review.rules import Terms
from apps.workflow.models import LoanCase
from apps.workflow.selectors.facilities import facilities_of


def statements_of(case: LoanCase) -> list[FinancialStatement]:
    """Statements of a case, oldest year first."""
    return sorted(rows(case, FinancialStatement), key=lambda year: year.fiscal_year)


def newest_report(case: LoanCase, party: Party | None = None) -> BureauReport | None:
    """Newest bureau report on the borrower, or on a party."""
    about = party.pk if party is not None else None
    reports = [row for row in rows(case, BureauReport, "key_owner", "party") if row.party_id == about]
    return max(reports, key=lambda row: (row.report_date, row.pk), default=None)


def newest_score(case: LoanCase) -> ScoreRun | None:
    """The case's last score."""
    return next(reversed(rows(case, ScoreRun)), None)


def open_alerts(case: LoanCase) -> QuerySet[Alert]:
    """Alerts that the present figures call for, explained or not, to be narrowed."""
    return Alert.objects.filter(case=case, ended_at=None).order_by("id")


def alerts_standing(case: LoanCase) -> list[Alert]:
    """The same, to be read."""
    return [row for row in rows(case, Alert, "key_owner") if row.ended_at is None]


def recommendation_standing(case: LoanCase) -> Recommendation | None:
    """The recommendation that no later one has superseded, with its terms."""
    return next((row for row in recommendations_of(case) if row.superseded_at is None), None)


def recommendations_of(case: LoanCase) -> list[Recommendation]:
    """All recommendations of a case with their terms, oldest first."""
    found = rows(case, Recommendation, "score__report", "key_owner")
    terms = sorted(rows(case, RecommendedTerms, "facility"), key=lambda each: (each.facility.position, each.pk))
    for row in found:
        filled(row.terms, [each for each in terms if each.recommendation_id == row.pk])
    return found


def terms_proposed(case: LoanCase) -> tuple[Terms, ...]:
    """Terms of the last recommendation, be it returned; before there is one, what is asked, at the product's highest rate."""
    last = next(reversed(recommendations_of(case)), None)
    if last is not None:
        return tuple(
            Terms(each.amount, each.rate, each.term_months, each.repayment, each.facility.day_count, case.currency)
            for each in last.terms.all()
        )
    return tuple(
        Terms(
            facility.amount,
            case.product.max_rate,
            facility.term_months,
            facility.repayment,
            facility.day_count,
            case.currency,
        )
        for facility in facilities_of(case)
        if facility.amount > 0 and facility.term_months > 0
    )


def review_facts(case: LoanCase, report: BureauReport | None = None) -> ReviewFacts:
    """Everything a score is made from. It opens the bureau report's figures to compute with, not to show."""
    newest = report or newest_report(case)
    years = (Year(each.fiscal_year, each.period_end, each.is_audited, each.figures) for each in statements_of(case))
    return ReviewFacts(
        years=tuple(years), bureau=BureauFigures.from_json(newest.figures.reveal()) if newest else None,
        bureau_date=newest.report_date if newest else None, terms=terms_proposed(case),
        founded_on=case.borrower.founded_on,
    )  # fmt: skip
