"""Connects intake to workflow's events and to borrowers' changes; called once, in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.applications.following import cases_under_way, drafts_follow
from apps.applications.handoff import open_intake
from apps.applications.models import (
    Application,
    ChecklistItem,
    Consent,
    Declaration,
    Document,
    DocumentOpening,
    DuplicateFinding,
    IdentityCheck,
    VisitReport,
)
from apps.borrowers import registry as borrowers
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.core.gathered import hang
from apps.core.permissions import Permission
from apps.core.together import Through
from apps.vault.models import EncryptedFile
from apps.workflow import registry as workflow
from apps.workflow.models import LoanCase, Reason, ReasonKind
from apps.workflow.process import Event
from apps.workflow.selectors import CaseFilter, cases_visible_to
from apps.workflow.states import State

MOST_CASES = 20
POINTED_AT = (
    (EncryptedFile, Through(Document, "file", "case")),
    (Borrower, Through(DuplicateFinding, "other", "case")),
)
OF_A_CASE = (Application, ChecklistItem, Consent, Declaration, Document, DuplicateFinding, IdentityCheck, VisitReport)


def connect() -> None:
    """Fill the ports and register handoff, links and the list of cases on the borrower's page."""
    borrowers.give_reasons(reasons)
    borrowers.on_change(check=cases_under_way, tell=drafts_follow)
    borrowers.show(borrowers.Section("cases", "applications/borrower_cases.html", borrower_cases, Permission.CASE_VIEW))
    hang(
        LoanCase,
        {**dict.fromkeys(OF_A_CASE, "case"), DocumentOpening: "document__case"},
        *POINTED_AT,
    )
    workflow.on_entering(State.INTAKE, open_intake)
    workflow.link(Event.SUBMIT, "applications:submit", primary=True)
    workflow.link(Event.ACCEPT, "applications:accept", primary=True)
    workflow.link(Event.KNOCK_OUT, "applications:knock_out", danger=True)
    workflow.link(Event.CORRECT, "applications:correct")


def reasons(kind: str) -> list[tuple[str, str]]:
    """Reasons of a kind that are in use, for borrowers to choose from."""
    rows = Reason.objects.filter(kind=ReasonKind(kind), is_active=True).order_by("code")
    return [(reason.code, reason.name) for reason in rows]


def borrower_cases(borrower: Borrower, actor: Actor) -> Mapping[str, Any]:
    """Cases of a borrower that the actor may see, newest first."""
    page = cases_visible_to(actor, CaseFilter(borrower_id=borrower.pk), limit=MOST_CASES)
    return {"cases": page.rows, "more": bool(page.next_cursor)}
