"""Scoring a case by the points table."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.credit_review.facts import ReviewFacts
from apps.credit_review.models import BureauReport, ScoreRun
from apps.credit_review.scorecard import SCORECARD, Score, score
from apps.credit_review.selectors import newest_report, newest_score, review_facts
from apps.credit_review.services.alerts import alerts_refresh
from apps.credit_review.services.entry import review_enter
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch


@act
def score_run(*, actor: Actor, case: LoanCase, version: int) -> ScoreRun:
    """Score a case on what is known now. Refused before the statements and the bureau report are in."""
    locked = review_enter(case, actor=actor, version=version)
    made = score_write(locked, actor)
    if made is None:
        raise BadInput(str(_("Enter the statements and the bureau report first: without them there is no score.")))
    case_touch(locked, actor=actor, grade=made.grade)
    record(
        Tag.CASE_SCORED, actor=actor, subject=made, case=locked, stage=locked.stage, model=made.scorecard,
        note={"grade": made.grade, "points": made.total},
    )  # fmt: skip
    return made


def score_write(case: LoanCase, actor: Actor) -> ScoreRun | None:
    """Score a locked case inside the caller's act; ``None`` where too little is known. An equal basis keeps the last score."""
    report = newest_report(case)
    facts = review_facts(case, report)
    if report is None or not facts.years:
        return None
    alerts_refresh(case)
    last, basis = newest_score(case), facts.basis()
    if last is not None and last.basis == basis and last.scorecard == SCORECARD.version:
        return last
    return _write(case, actor, facts, basis, report)


def _write(case: LoanCase, actor: Actor, facts: ReviewFacts, basis: str, report: BureauReport) -> ScoreRun:
    answers = facts.answers(clock.today())
    made = score(SCORECARD, answers)
    return ScoreRun.objects.create(
        case=case, scorecard=made.version, inputs={code: _text(value) for code, value in answers.items()}, points=_points(made),
        total=made.total, grade=made.grade, pd=made.pd, basis=basis, report=report, run_by_id=actor.person_id,
    )  # fmt: skip


def _points(made: Score) -> list[dict[str, object]]:
    return [{"attribute": each.attribute, "value": _text(each.value), "points": each.points} for each in made.earned]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
