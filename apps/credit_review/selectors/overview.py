"""What the review's own pages and its panels on the case page show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.access.services import can
from apps.borrowers.models import Party
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.credit_review import rules
from apps.credit_review.models import Recommendation, ScoreRun
from apps.credit_review.selectors.gathering import newest_score, recommendation_standing
from apps.credit_review.selectors.outcome import Reason, ratio_lines_of, reasons_of
from apps.credit_review.selectors.reading import TEXTS, CreditFile, ReportShown, credit_file, recommendation_text
from apps.workflow import registry
from apps.workflow.eligibility import forward_row
from apps.workflow.models import LoanCase
from apps.workflow.selectors.people import handles_of
from apps.workflow.states import State


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """A score with its reasons and the largest number of points among them, for the length of bars."""

    run: ScoreRun
    reasons: tuple[Reason, ...]
    largest: int
    dscr: Decimal | None


@dataclass(frozen=True, slots=True)
class RecommendationShown:
    """A recommendation with its texts opened and the handle of who wrote it."""

    row: Recommendation
    texts: Any
    analyst: str


def ratio_table(case: LoanCase) -> Mapping[str, Any] | None:
    """Ratios over the years entered; ``None`` without a year."""
    years, lines = ratio_lines_of(case)
    return {"years": years, "lines": lines} if years else None


def score_shown(case: LoanCase) -> ScoreShown | None:
    """The last score, explained."""
    run = newest_score(case)
    if run is None:
        return None
    reasons = tuple(reasons_of(run.scorecard, run.points))
    cover = run.inputs.get("dscr")
    return ScoreShown(
        run, reasons, max((abs(each.points) for each in reasons), default=1), None if cover is None else Decimal(cover)
    )


def recommendation_shown(actor: Actor, case: LoanCase) -> RecommendationShown | None:
    """The standing recommendation, opened; the look is recorded."""
    row = recommendation_standing(case)
    if row is None:
        return None
    texts = recommendation_text(actor, row)
    return RecommendationShown(row, texts, handles_of([row.created_by_id]).get(row.created_by_id or 0, ""))


def is_under_review(case: LoanCase) -> bool:
    """Tell whether the review may be changed now."""
    waiting = case.state == State.WAITING and case.came_from == State.CREDIT_REVIEW
    return case.state == State.CREDIT_REVIEW or waiting


def review_page(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """Everything of the review on one page; what is encrypted is opened with one recorded look."""
    opened = credit_file(actor, case)
    return {
        "case": case, "ratios": ratio_table(case), "score": score_shown(case), "recommendation": recommendation_shown(actor, case),
        "may_edit": is_under_review(case) and can(actor, Permission.CREDIT_EDIT, case).allowed,
        "may_recommend": is_under_review(case) and can(actor, Permission.CREDIT_RECOMMEND, case).allowed, "missing": missing_of(case, actor),
        **file_shown(opened),
    }  # fmt: skip


def file_shown(opened: CreditFile) -> dict[str, Any]:
    """Reports, guarantors and alerts for a template, with handles and what is out of date."""
    handles = handles_of(row.alert.explained_by_id for row in opened.alerts)
    return {
        "reports": [(shown, _is_stale(shown), _subject(shown.report.party)) for shown in opened.reports],
        "guarantors": [(shown, shown.guarantor.party.name.masked) for shown in opened.guarantors],
        "alerts": [(shown, handles.get(shown.alert.explained_by_id or 0, "")) for shown in opened.alerts],
    }  # fmt: skip


def _is_stale(shown: ReportShown) -> bool:
    return rules.is_stale(shown.report.report_date, clock.today(), rules.BUREAU_DAYS)


def _subject(party: Party | None) -> str:
    return party.name.masked if party is not None else ""


def missing_of(case: LoanCase, actor: Actor) -> list[Any]:
    """What still stands between the case and the next step, in sentences."""
    row = forward_row(case)
    if row is None or not is_under_review(case):
        return []
    known = [registry.guards[name] for name in row.guards if name in registry.guards]
    return [line for guard in known if guard.standing for line in guard.check(case, actor, {})]


def sending_page(case: LoanCase, actor: Actor) -> dict[str, Any]:
    """What is sent on, whither, and what stands in the way."""
    return {
        "recommendation": recommendation_standing(case),
        "score": score_shown(case),
        "missing": missing_of(case, actor),
    }


def recommendation_initial(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """The last recommendation, to go on from; superseded ones too, since a returned case is seldom begun anew."""
    rows = Recommendation.objects.select_related("key_owner", "case").prefetch_related("terms").filter(case=case)
    last = rows.order_by("-id").first()
    if last is None:
        return {}
    texts = recommendation_text(actor, last)
    shown: dict[str, Any] = {name: getattr(texts, name) for name in TEXTS}
    shown |= {
        "conditions": "\n".join(texts.conditions),
        "assumed_collateral_value": plain(last.assumed_collateral_value),
    }
    for terms in last.terms.all():
        for name in ("amount", "term_months", "rate", "repayment"):
            shown[f"{name}_{terms.facility_id}"] = plain(getattr(terms, name))
    return shown


def plain(value: Any) -> Any:
    """A number for a form field, without trailing zeros; an amount of zero is an empty box."""
    if not isinstance(value, Decimal):
        return value
    return f"{value.normalize():f}" if value else ""
