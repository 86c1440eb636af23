"""What intake shows on the case page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.access.services import can
from apps.applications.facts import application_of
from apps.applications.selectors import application_read
from apps.applications.selectors.outcome import newest_visit
from apps.applications.selectors.reading import application_looks, visit_look, visit_read, visitors_of
from apps.applications.selectors.stage import documents_shown
from apps.audit.services import Look
from apps.borrowers.selectors import borrower_shown
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.registry import Panel, show


def request_panel(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """Purpose and source of repayment; reading them is recorded."""
    return {"words": application_read(actor, case)} if application_of(case) is not None else None


def documents_panel(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """The checklist with its progress, and what the reader has opened."""
    return {"documents": documents_shown(case, actor)}


def visit_panel(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """The newest confirmed visit."""
    visit = newest_visit(case)
    if visit is None:
        return None
    return {"visit": visit_read(actor, visit), "visitors": visitors_of(visit)}


def _visit_looks(case: LoanCase, actor: Actor) -> list[Look]:
    visit = newest_visit(case)
    return [visit_look(visit)] if visit is not None else []


def borrower_panel(case: LoanCase, actor: Actor) -> Mapping[str, Any] | None:
    """The business, masked; each eye asks why."""
    may_reveal = can(actor, Permission.BORROWER_REVEAL, case.borrower).allowed
    return {"borrower": borrower_shown(case.borrower), "may_reveal": may_reveal}


def register_panels() -> None:
    """Put intake's panels on the case page; the borrower's takes the place of workflow's plain one."""
    for panel in (
        Panel(
            "request",
            "applications/panels/request.html",
            request_panel,
            Permission.CASE_VIEW,
            2,
            looks=application_looks,
        ),
        Panel("visit", "applications/panels/visit.html", visit_panel, Permission.CASE_VIEW, 20, looks=_visit_looks),
        Panel("borrower", "applications/panels/borrower.html", borrower_panel, Permission.BORROWER_VIEW, 70),
        Panel("documents", "applications/panels/documents.html", documents_panel, Permission.DOCUMENT_VIEW, 75),
    ):
        show(panel)
