"""What later stages learn of the review: frozen values, as they were when the recommendation was sent on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation

from apps.core.gathered import rows
from apps.credit_review import rules
from apps.credit_review.models import Guarantor, Recommendation, RecommendedTerms
from apps.credit_review.rules import RatioLine
from apps.credit_review.scorecard import SCORECARDS
from apps.credit_review.selectors.gathering import newest_report, recommendations_of, statements_of
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class FacilityTerms:
    """Terms recommended for one facility: term in months, yearly rate in percent."""

    facility_id: int
    amount: Decimal
    term_months: int
    rate: Decimal
    repayment: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of the score, in the reader's language, with its points."""

    attribute: str
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What a guarantor stands in for."""

    party_id: int
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditOutcome:
    """The recommendation that was sent on, with the score it rests on.

    Amounts are in ``currency``; ``recommended_term`` (months) and ``recommended_rate`` (% a year) are those of the first
    facility, ``facilities`` has all. ``ratios`` are those of the newest year by code, ``years`` the fiscal years shown.
    """

    recommendation_id: int
    recommended_at: dt.datetime
    analyst_id: int | None
    currency: str
    grade: str
    points: int
    pd: Decimal
    scorecard: str
    recommended_amount: Decimal
    recommended_term: int
    recommended_rate: Decimal
    recommended_repayment: str
    facilities: tuple[FacilityTerms, ...]
    dscr: Decimal | None
    ratios: Mapping[str, Decimal | None]
    years: tuple[int, ...]
    assumed_collateral_value: Decimal
    is_secured: bool
    bureau_date: dt.date | None
    conditions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    guarantees: tuple[Guarantee, ...]
    waivers: tuple[Mapping[str, object], ...] = ()


def credit_outcome(case: LoanCase) -> CreditOutcome | None:
    """The outcome that stands for a case; ``None`` before a recommendation is sent, and again while it is made anew."""
    sent = _sent(case)
    return None if sent is None else _outcome(case, sent)


def _sent(case: LoanCase) -> Recommendation | None:
    return next(
        (row for row in recommendations_of(case) if row.superseded_at is None and row.sent_at is not None), None
    )


def collateral_assumed(case: LoanCase) -> Decimal:
    """Lending value that the recommendation sent on counts on; zero without one."""
    sent = _sent(case)
    return sent.assumed_collateral_value if sent is not None else Decimal(0)


def _outcome(case: LoanCase, sent: Recommendation) -> CreditOutcome:
    terms, years, score = list(sent.terms.all()), statements_of(case), sent.score
    if score is None or sent.sent_at is None:  # the guard "scored" keeps such a recommendation from being sent
        raise ValueError(f"{sent.reference} was sent without a score")
    answered = score.inputs.get("dscr")
    return CreditOutcome(
        recommendation_id=sent.pk, recommended_at=sent.sent_at, analyst_id=sent.created_by_id, currency=sent.currency,
        grade=score.grade, points=score.total, pd=score.pd, scorecard=score.scorecard, recommended_amount=sent.amount,
        recommended_term=terms[0].term_months, recommended_rate=terms[0].rate, recommended_repayment=terms[0].repayment,
        facilities=tuple(map(_facility, terms)), dscr=None if answered is None else Decimal(answered),
        ratios=rules.latest_ratios([year.figures for year in years]), years=tuple(year.fiscal_year for year in years),
        assumed_collateral_value=sent.assumed_collateral_value, is_secured=sent.is_secured,
        bureau_date=score.report.report_date if score.report else None, conditions=tuple(sent.conditions.reveal()),
        reasons=tuple(reasons_of(score.scorecard, score.points)), guarantees=tuple(_guarantees(case)), waivers=tuple(sent.waivers),
    )  # fmt: skip


def _facility(terms: RecommendedTerms) -> FacilityTerms:
    return FacilityTerms(terms.facility_id, terms.amount, terms.term_months, terms.rate, terms.repayment)


def _guarantees(case: LoanCase) -> list[Guarantee]:
    return [Guarantee(row.party_id, row.kind, row.amount) for row in rows(case, Guarantor) if row.ended_at is None]


def parties_reviewed(borrower_id: int) -> set[int]:
    """People behind a business whose credit was seen as a guarantor's, in whichever of its cases."""
    seen = Guarantor.objects.filter(case__borrower_id=borrower_id, ended_at=None, seen_at__isnull=False)
    return set(seen.values_list("party_id", flat=True))


def reasons_of(version: str, points: list[dict[str, object]]) -> list[Reason]:
    """Reasons of a stored score in the reader's language, strongest first; those without points are left out."""
    card = SCORECARDS[version]
    found = []
    for entry in points:
        attribute, value = card.attribute(str(entry["attribute"])), entry["value"]
        chosen = attribute.bin_of(None if value is None else Decimal(str(value)))
        found.append(Reason(attribute.code, str(chosen.reason), int(str(entry["points"]))))
    return sorted((reason for reason in found if reason.points), key=lambda reason: -abs(reason.points))


def reasons_in(case: LoanCase, languages: Sequence[str]) -> list[tuple[Reason, ...]]:
    """Reasons of the score behind the recommendation sent on, each in all the languages."""
    sent = _sent(case)
    if sent is None or sent.score is None:
        return []
    worded = []
    for language in languages:
        with translation.override(language):
            worded.append(reasons_of(sent.score.scorecard, sent.score.points))
    return list(zip(*worded, strict=True))


WORDS = ("narrative", "strengths", "risks", "mitigants")


def recommendation_words(case: LoanCase, recommendation_id: int) -> dict[str, str]:
    """The free words of a recommendation, to bind them; to show them, ask ``recommendation_text``."""
    [sent] = [row for row in recommendations_of(case) if row.pk == recommendation_id]
    return {name: str(getattr(sent, name).reveal()) for name in WORDS}


def ratio_lines_of(case: LoanCase) -> tuple[tuple[int, ...], tuple[RatioLine, ...]]:
    """Fiscal years and the ratios over them, oldest first."""
    years = statements_of(case)
    return tuple(year.fiscal_year for year in years), rules.ratio_lines([year.figures for year in years])


def bureau_checked_on(case: LoanCase) -> dt.date | None:
    """Day of the newest bureau report on the borrower, for the test before a payment; ``None`` where there is none."""
    newest = newest_report(case)
    return newest.report_date if newest else None
