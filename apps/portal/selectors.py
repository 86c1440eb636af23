"""What the portal's pages show: a borrower's own cases and loans, in the borrower's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from apps.accounts.models import AccountKind
from apps.applications.kinds import kinds_known
from apps.applications.models import Document
from apps.approval.selectors.offers import offer_standing
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.keyset import Page
from apps.portal import words
from apps.post_loan.models import Loan, ScheduleRow
from apps.post_loan.selectors import loans_visible_to
from apps.workflow.models import LoanCase
from apps.workflow.selectors import CaseFilter, cases_visible_to
from apps.workflow.services.reading import Said, case_opened, words_of
from apps.workflow.states import BEFORE_MONEY, State


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of the borrower's list."""

    number: str
    business: str
    product: str
    amount: Decimal
    currency: str
    step: Any
    awaited: Any
    is_yours: bool
    began: dt.datetime


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document of the case that the borrower or an officer put there."""

    label: Any
    state: str
    why: str
    added_at: dt.datetime


def case_line(case: LoanCase) -> CaseLine:
    """A case in the borrower's words: no grade, no holder, no deadline of ours."""
    return CaseLine(
        case.number,
        case.borrower.legal_name,
        case.product.name,
        case.amount_asked,
        case.currency,
        words.step_label(case.state),
        words.awaited(case.state),
        words.is_yours(case.state),
        case.submitted_at or case.created_at,
    )


def cases_shown(actor: Actor, cursor: str = "", limit: int = 20) -> Page[CaseLine]:
    """The borrower's cases, newest first."""
    page = cases_visible_to(actor, CaseFilter(), cursor, limit)
    return Page([case_line(case) for case in page.rows], page.next_cursor, page.is_first)


def case_shown(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """Everything of a case that its borrower may see; the look is recorded first."""
    said = case_opened(actor=actor, case=case)
    offer = offer_standing(case) if case.state == State.OFFERED else None
    return {
        "case": case, "line": case_line(case), "steps": words.steps(case.state), "said": said,
        "question": open_question(said) if case.state == State.WAITING else None,
        "offer": offer, "offer_ended": offer is not None and offer.ends_on < clock.today(),
        "facilities": list(case.facilities.order_by("position")), "documents": documents_of(case),
        "loans": loans_visible_to(actor).rows if case.state in (State.ACTIVE, State.COMPLETED) else [],
        "may_withdraw": case.state in BEFORE_MONEY, "may_add": case.is_open,
    }  # fmt: skip


def open_question(said: Sequence[Said]) -> Said | None:
    """The question asked last."""
    return next((message for message in reversed(said) if message.kind == "question"), None)


def documents_of(case: LoanCase) -> list[DocumentLine]:
    """Documents of the checklist and those handed in here, newest first; what staff attached for themselves stays inside.

    Why one was rejected is opened for the borrower, so the look at the case must be on record before.
    """
    labels, handed_in = kinds_known(), Q(uploaded_by__accounts__kind=AccountKind.BORROWER)
    shown = Q(code__in=[document.code for document in pack_in_use().documents]) | handed_in
    rows = Document.objects.filter(shown, case=case, visit=None).select_related("key_owner").distinct().order_by("-id")
    return [DocumentLine(labels.get(row.code, row.code), row.state, _why(row), row.created_at) for row in rows]


def _why(row: Document) -> str:
    return words_of(row.rejected_why) if row.state == "rejected" and row.rejected_why else ""


def loan_shown(loan: Loan) -> dict[str, Any]:
    """Balance, next instalment and schedule of a loan."""
    rows: list[ScheduleRow] = list(loan.schedule.order_by("number"))
    dues = [(row, row.as_due()) for row in rows]
    following = next((row for row, due in dues if due.open_total), None)
    return {"loan": loan, "rows": dues, "next": following, "today": clock.today()}
