"""What the review gives to workflow: its handoff, its panels on the case page, and the pages of its events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.applications.kinds import add_kinds
from apps.core.gathered import hang
from apps.core.permissions import Permission
from apps.credit_review import panels
from apps.credit_review.handoff import open_review
from apps.credit_review.intake import REPORT
from apps.credit_review.models import (
    Alert,
    BureauReport,
    FinancialStatement,
    Guarantor,
    Recommendation,
    RecommendedTerms,
    ScoreRun,
)
from apps.credit_review.policies import register_policies
from apps.credit_review.selectors.reading import file_looks
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import Panel, link, on_entering, show
from apps.workflow.states import State


def register_all() -> None:
    """Fill the registries; called once when the app is ready."""
    register_policies()
    hang(LoanCase, {**dict.fromkeys(OF_A_CASE, "case"), RecommendedTerms: "recommendation__case"})
    add_kinds({REPORT: _("Credit bureau report")})
    on_entering(State.CREDIT_REVIEW, open_review)
    link(Event.RECOMMEND_SECURED, "credit_review:recommend", primary=True)
    link(Event.RECOMMEND_UNSECURED, "credit_review:recommend", primary=True)
    link(Event.DECLINE_REVIEW, "credit_review:decline", danger=True)
    for panel in PANELS:
        show(panel)


OF_A_CASE = (Alert, BureauReport, FinancialStatement, Guarantor, Recommendation, ScoreRun)
VIEW = Permission.CREDIT_VIEW
PANELS = (
    Panel(
        "credit_recommendation",
        "credit_review/panel_recommendation.html",
        panels.recommendation,
        VIEW,
        order=20,
        looks=panels.recommendation_looks,
    ),
    Panel("credit_ratios", "credit_review/panel_ratios.html", panels.ratios, VIEW, order=30),
    Panel("credit_score", "credit_review/panel_score.html", panels.score, VIEW, order=35),
    Panel(
        "credit_guarantors", "credit_review/panel_guarantors.html", panels.guarantors, VIEW, order=50, looks=file_looks
    ),
    Panel("credit_alerts", "credit_review/panel_alerts.html", panels.alerts, VIEW, order=20, place="side"),
)
