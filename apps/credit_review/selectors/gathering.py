"""Gathers what a case's review rests on."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.borrowers.models import Party
from apps.credit_review.facts import BureauFigures, ReviewFacts, Year
from apps.credit_review.models import Alert, BureauReport, FinancialStatement, Recommendation, ScoreRun
from apps.credit_review.rules import Terms
from apps.workflow.models import LoanCase


def statements_of(case: LoanCase) -> list[FinancialStatement]:
    """Statements of a case, oldest year first."""
    return list(FinancialStatement.objects.filter(case=case).order_by("fiscal_year"))


def newest_report(case: LoanCase, party: Party | None = None) -> BureauReport | None:
    """Newest bureau report on the borrower, or on a party."""
    reports = BureauReport.objects.select_related("key_owner").filter(case=case, party=party)
    return reports.order_by("-report_date", "-id").first()


def newest_score(case: LoanCase) -> ScoreRun | None:
    """The case's last score."""
    return ScoreRun.objects.filter(case=case).order_by("-id").first()


def open_alerts(case: LoanCase) -> QuerySet[Alert]:
    """Alerts that the present figures call for, explained or not."""
    return Alert.objects.filter(case=case, ended_at=None).order_by("id")


def recommendation_standing(case: LoanCase) -> Recommendation | None:
    """The recommendation that no later one has superseded, with its terms."""
    rows = Recommendation.objects.select_related("created_by", "score", "key_owner").prefetch_related("terms__facility")
    return rows.filter(case=case, superseded_at=None).first()


def terms_proposed(case: LoanCase) -> tuple[Terms, ...]:
    """Terms of the last recommendation, be it returned; before there is one, what is asked, at the product's highest rate."""
    last = Recommendation.objects.prefetch_related("terms__facility").filter(case=case).order_by("-id").first()
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
        for facility in case.facilities.order_by("position")
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
