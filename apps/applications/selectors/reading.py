"""Opens the words of an application: the look is recorded first, then they are decrypted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from apps.applications import facts
from apps.applications.models import VisitReport
from apps.audit.body import Purpose
from apps.audit.services import Look, record_looks
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.vault.errors import CannotOpen
from apps.vault.secret import Secret
from apps.workflow.models import LoanCase
from apps.workflow.selectors.people import handles_of

WORDS = ("purpose", "repayment_source", "narrative")
VISIT_FIELDS = ("place", "stock", "differences", "narrative")


@dataclass(frozen=True, slots=True)
class WordsShown:
    """What the borrower says, ready for a page."""

    purpose: str = ""
    repayment_source: str = ""
    narrative: str = ""


@dataclass(frozen=True, slots=True)
class VisitShown:
    """A visit report, ready for a page; visitors by their person ids."""

    id: int
    visited_at: dt.datetime
    first_id: int
    second_id: int
    confirmed_at: dt.datetime | None
    place: str
    staff_seen: int
    stock: str
    differences: str
    narrative: str


def application_read(actor: Actor, case: LoanCase) -> WordsShown:
    """The words of a case's application; the caller has authorised the actor on the case."""
    application = facts.application_of(case)
    if application is None:
        return WordsShown()
    record_looks(application_looks(case, actor), actor=actor)
    return WordsShown(*(text_shown(getattr(application, name)) for name in WORDS))


def application_looks(case: LoanCase, actor: Actor) -> list[Look]:
    """The look at the words of an application."""
    application = facts.application_of(case)
    return [Look(Tag.APPLICATION_READ, application, task_of(case), WORDS, case=case)] if application is not None else []


def visit_look(visit: VisitReport) -> Look:
    """The look at a visit report."""
    return Look(Tag.APPLICATION_READ, visit, task_of(visit.case), VISIT_FIELDS, case=visit.case)


def visit_read(actor: Actor, visit: VisitReport) -> VisitShown:
    """A visit report in clear; the caller has authorised the actor on its case."""
    record_looks([visit_look(visit)], actor=actor)
    return VisitShown(
        visit.pk, visit.visited_at, visit.first_visitor_id, visit.second_visitor_id, visit.confirmed_at,
        text_shown(visit.place), visit.staff_seen, text_shown(visit.stock), text_shown(visit.differences),
        text_shown(visit.narrative),
    )  # fmt: skip


def visitors_of(visit: VisitReport) -> str:
    """Handles of the two who went."""
    pair = (visit.first_visitor_id, visit.second_visitor_id)
    handles = handles_of(pair)
    return " · ".join(handles.get(person_id, "–") for person_id in pair)


def task_of(case: LoanCase) -> Purpose:
    """The purpose that follows from where the case stands."""
    return Purpose(f"task:{case.state}")


def text_shown(held: Secret | None) -> str:
    """Words of a secret, or why they cannot be read: forgotten with their owner, or the key service away."""
    try:
        return str(held.reveal()) if held else ""
    except CannotOpen as refusal:
        return str(refusal.placeholder)
    except Unavailable as away:
        return str(away)
