"""What must hold before a recommendation may be sent on. Each guard says in a sentence what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review import rules
from apps.credit_review.models import FinancialStatement, Guarantor
from apps.credit_review.selectors import (
    alerts_standing,
    newest_report,
    newest_score,
    recommendation_standing,
    review_facts,
)
from apps.workflow.models import LoanCase
from apps.workflow.registry import guard

Facts = Mapping[str, Any]


def _unless(holds: bool, sentence: Any) -> list[Any]:
    return [] if holds else [sentence]


@guard("secured", _("The loan rests on collateral"))
def secured(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The proposal counts on collateral."""
    return _unless(case.is_secured, _("The recommendation counts on no collateral: send it to approval."))


@guard("unsecured", _("The loan rests on no collateral"))
def unsecured(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The proposal counts on none."""
    return _unless(not case.is_secured, _("The recommendation counts on collateral: send it to the collateral check."))


@guard("recommendation_given", _("A recommendation is written"))
def recommendation_given(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """One stands that no event has overtaken, for the very facilities that are asked for now."""
    standing = recommendation_standing(case)
    if standing is None:
        return [_("Write the recommendation.")]
    asked = dict(case.facilities.values_list("id", "amount"))
    proposed = {each.facility_id: each.amount for each in standing.terms.all()}
    fits = asked.keys() == proposed.keys() and all(proposed[pk] <= amount for pk, amount in asked.items())
    return _unless(fits, _("The application has changed since the recommendation: write it anew."))


@guard("scored", _("The case is scored on its present figures"))
def scored(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The last score was made from what is known now."""
    last = newest_score(case)
    if last is None:
        return [_("Score the case.")]
    return _unless(
        last.basis == review_facts(case).basis(),
        _("Figures or terms have changed since the score: score the case again."),
    )


@guard("ratios_in", _("Statements are in"))
def ratios_in(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Enough years, the newest not too old."""
    ends = list(
        FinancialStatement.objects.filter(case=case).order_by("fiscal_year").values_list("period_end", flat=True)
    )
    needed = rules.years_needed(case.borrower.founded_on, clock.today())
    if len(ends) < needed:
        return [
            _("Enter the statements of %(needed)s years; %(given)s are in.") % {"needed": needed, "given": len(ends)}
        ]
    stale = rules.is_stale(ends[-1], clock.today(), rules.STATEMENT_DAYS)
    return _unless(not stale, _("The newest statement ended on %(day)s: ask for a later one.") % {"day": ends[-1]})


@guard("bureau_fresh", _("The bureau report is fresh"))
def bureau_fresh(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """A report on the borrower, not older than the policy allows."""
    report = newest_report(case)
    if report is None:
        return [_("Enter the bureau report on the borrower.")]
    stale = rules.is_stale(report.report_date, clock.today(), rules.BUREAU_DAYS)
    return _unless(not stale, _("The bureau report of %(day)s is older than %(days)s days: ask the bureau anew.") % {
        "day": report.report_date, "days": rules.BUREAU_DAYS})  # fmt: skip


@guard("alerts_explained", _("Alerts are explained"))
def alerts_explained(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each open alert has its explanation."""
    unexplained = [alert for alert in alerts_standing(case) if alert.explained_at is None]
    return [_("Explain the alert “%(kind)s”.") % {"kind": alert.get_kind_display()} for alert in unexplained]


@guard("guarantors_seen", _("The guarantors' credit is seen"))
def guarantors_seen(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Each guarantor's bureau report was looked at, and is not stale."""
    unseen = stale = 0
    for report_date in Guarantor.objects.filter(case=case, ended_at=None).values_list("report__report_date", flat=True):
        unseen += report_date is None
        stale += report_date is not None and rules.is_stale(report_date, clock.today(), rules.BUREAU_DAYS)
    lines: list[Any] = [_("Look at the credit of %(count)s guarantors.") % {"count": unseen}] if unseen else []
    return lines + ([_("The bureau reports on %(count)s guarantors are too old.") % {"count": stale}] if stale else [])
