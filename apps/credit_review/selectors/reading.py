"""Looks into the file: the narrative, bureau figures and net worths. Recorded and committed before they are returned."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import Look, record_looks
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.credit_review.facts import BureauFigures
from apps.credit_review.models import Alert, BureauReport, Guarantor, Recommendation
from apps.credit_review.selectors.gathering import alerts_standing
from apps.workflow.models import LoanCase

TEXTS = ("narrative", "strengths", "risks", "mitigants")


@dataclass(frozen=True, slots=True)
class Texts:
    """What an analyst wrote, in clear."""

    narrative: str = ""
    strengths: str = ""
    risks: str = ""
    mitigants: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A bureau report with its figures in clear."""

    report: BureauReport
    figures: BureauFigures


@dataclass(frozen=True, slots=True)
class GuarantorShown:
    """A guarantor with what they own in clear; ``None`` where it is not known."""

    guarantor: Guarantor
    net_worth: Decimal | None


@dataclass(frozen=True, slots=True)
class AlertShown:
    """An alert with its note and explanation in clear."""

    alert: Alert
    note: str
    explanation: str


@dataclass(frozen=True, slots=True)
class CreditFile:
    """The encrypted part of a case's review, opened."""

    reports: tuple[ReportShown, ...]
    guarantors: tuple[GuarantorShown, ...]
    alerts: tuple[AlertShown, ...]


def credit_file(actor: Actor, case: LoanCase) -> CreditFile:
    """Open reports, guarantors and alerts of a case for the work on it; one recorded look for the whole page."""
    authorize(actor, Permission.CREDIT_VIEW, case)
    record_looks(file_looks(case, actor), actor=actor)
    known = rows(case, BureauReport, "key_owner", "party")
    reports = sorted(known, key=lambda row: (row.report_date, row.pk), reverse=True)
    guarantors = [row for row in rows(case, Guarantor, "key_owner", "party", "report") if row.ended_at is None]
    alerts = sorted(
        alerts_standing(case),
        key=lambda row: (row.explained_at is not None, row.explained_at or row.created_at, row.pk),
    )
    return CreditFile(
        tuple(ReportShown(row, BureauFigures.from_json(row.figures.reveal())) for row in reports),
        tuple(GuarantorShown(row, row.net_worth.reveal() if row.net_worth else None) for row in guarantors),
        tuple(AlertShown(row, row.note.reveal(), row.explanation.reveal()) for row in alerts),
    )


def alert_of(actor: Actor, case: LoanCase, alert_id: int) -> AlertShown:
    """Open one alert; raises ``NotVisible`` where it does not belong to the case or has ended."""
    authorize(actor, Permission.CREDIT_VIEW, case)
    row = Alert.objects.select_related("key_owner").filter(case=case, ended_at=None, pk=alert_id).first()
    if row is None:
        raise NotVisible(subject=case, action=Tag.CREDIT_FILE_OPENED)
    record_looks([_look(Tag.CREDIT_FILE_OPENED, case, [row.reference])], actor=actor)
    return AlertShown(row, row.note.reveal(), row.explanation.reveal())


def recommendation_text(actor: Actor, recommendation: Recommendation) -> Texts:
    """Open what an analyst wrote; the look is recorded."""
    authorize(actor, Permission.CREDIT_VIEW, recommendation.case)
    record_looks([text_look(recommendation)], actor=actor)
    texts = {name: getattr(recommendation, name).reveal() for name in TEXTS}
    return Texts(**texts, conditions=tuple(recommendation.conditions.reveal()))


def file_looks(case: LoanCase, actor: Actor) -> list[Look]:
    """The look at reports, guarantors and alerts, where there are any."""
    guarantors = [row for row in rows(case, Guarantor, "key_owner", "party", "report") if row.ended_at is None]
    opened = [*rows(case, BureauReport, "key_owner", "party"), *guarantors, *alerts_standing(case)]
    return [_look(Tag.CREDIT_FILE_OPENED, case, [row.reference for row in opened])] if opened else []


def text_look(recommendation: Recommendation) -> Look:
    """The look at what an analyst wrote."""
    return _look(Tag.NARRATIVE_OPENED, recommendation.case, [recommendation.reference])


def _look(tag: Tag, case: LoanCase, opened: list[str]) -> Look:
    return Look(tag, case, Purpose(f"task:{case.state}"), tuple(opened), case=case)
