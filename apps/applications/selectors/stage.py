"""What the stage page shows: every section with what it holds and what it still misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from apps.applications import facts, guards
from apps.applications.kinds import kinds_known
from apps.applications.models import Document, DocumentOpening
from apps.applications.models.documents import STATE_WORDS
from apps.applications.rules import KnockOut
from apps.applications.rules.evidence import CHECKED_PARTS
from apps.applications.selectors.lines import (
    ConsentLine,
    DeclarationLine,
    DuplicateLine,
    IdentityLine,
    VisitLine,
    consent_lines,
    declaration_line,
    duplicate_lines,
    identity_lines,
    staff_named,
    visit_lines,
)
from apps.applications.selectors.outcome import documents_of
from apps.borrowers.selectors import borrower_shown
from apps.borrowers.shown import BorrowerShown
from apps.core.actor import Actor
from apps.core.gathered import rows
from apps.workflow import registry
from apps.workflow.models import Facility, LoanCase
from apps.workflow.selectors.facilities import facilities_of
from apps.workflow.selectors.people import handles_of


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A document as a line: what it is, masked name, and who did what with it."""

    id: int
    code: str
    label: Any
    name: str
    size: int
    content_type: str
    pages: int | None
    state: str
    added_by: str
    added_at: Any
    opened: bool
    visit_id: int | None

    def get_state_display(self) -> Any:
        """The state in words."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """What the checklist asks for, with the documents that are there."""

    code: str
    label: Any
    required: bool
    documents: tuple[DocumentShown, ...]

    @property
    def is_met(self) -> bool:
        """Tell whether an accepted document is there and none waits."""
        states = {document.state for document in self.documents}
        return "accepted" in states and "added" not in states


@dataclass(frozen=True, slots=True)
class DocumentsShown:
    """The checklist with its progress, and everything else that was attached."""

    lines: tuple[ChecklistLine, ...]
    others: tuple[DocumentShown, ...]
    met: int
    needed: int
    opened: int
    total: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section's heading and what it still misses."""

    name: str
    title: Any
    missing: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class StageShown:
    """The whole stage page."""

    borrower: BorrowerShown
    facilities: tuple[Any, ...]
    consents: tuple[ConsentLine, ...]
    declaration: DeclarationLine | None
    documents: DocumentsShown
    identities: tuple[IdentityLine, ...]
    claims: tuple[tuple[int, str], ...]
    duplicates: tuple[DuplicateLine, ...]
    visits: tuple[VisitLine, ...]
    sections: dict[str, Section]
    knock_outs: tuple[KnockOut, ...]


def stage_shown(case: LoanCase, actor: Actor) -> StageShown:
    """Gather the page; the caller has authorised and recorded the look."""
    borrower, application = borrower_shown(case.borrower), facts.application_of(case)
    people = {person.id: person for person in borrower.people}
    handles_of(staff_named(case))  # all at once: the lines ask for them one after the other
    return StageShown(
        borrower=borrower, facilities=with_replaced(facilities_of(case)),
        consents=consent_lines(case, people),
        declaration=declaration_line(case, people, application.revision if application else 0),
        documents=documents_shown(case, actor), identities=identity_lines(case, people, CHECKED_PARTS),
        claims=tuple((each.pk, each.party.name.masked) for each in facts.open_claims(case.borrower) if each.party),
        duplicates=duplicate_lines(case, actor), visits=visit_lines(case, actor), sections=_sections(case, actor),
        knock_outs=tuple(guards.knock_outs_of(case)),
    )  # fmt: skip


def with_replaced(asked: Sequence[Facility]) -> tuple[Facility, ...]:
    """Facilities with those that they replace, and the cases of these: two queries where there is a renewal, else none."""
    prefetch_related_objects([each for each in asked if each.replaces_id is not None], "replaces__case")
    return tuple(asked)


SECTIONS: tuple[tuple[str, Any, str], ...] = (
    ("application", _("Business, people and request"), "application_complete"),
    ("consents", _("Consents"), "consents_given"),
    ("declaration", _("Declaration"), "declaration_signed"),
    ("documents", _("Documents"), "checklist_complete"),
    ("identity", _("Identity"), "identity_checked"),
    ("duplicates", _("Duplicates"), "duplicates_settled"),
    ("visit", _("Visit"), "visit_fresh"),
)
"""Sections of the page with the guard that says what each misses."""


def _sections(case: LoanCase, actor: Actor) -> dict[str, Section]:
    return {
        name: Section(name, title, tuple(registry.guards[guard].lacks(case, actor))) for name, title, guard in SECTIONS
    }


def documents_shown(case: LoanCase, actor: Actor) -> DocumentsShown:
    """The checklist and all documents of a case."""
    there = documents_of(case)
    opened = {row.document_id for row in rows(case, DocumentOpening) if row.person_id == actor.person_id}
    labels, required = kinds_known(), facts.required_documents(case)
    shown = [_document(row, labels, row.pk in opened) for row in there]
    optional = facts.optional_documents(case)
    lines = tuple(
        ChecklistLine(
            code, labels.get(code, code), code in required, tuple(each for each in shown if each.code == code)
        )
        for code in [*required, *optional]
    )
    listed = {line.code for line in lines}
    needed = [line for line in lines if line.required]
    return DocumentsShown(
        lines, tuple(each for each in shown if each.code not in listed), sum(line.is_met for line in needed), len(needed),
        len(opened), len(there),
    )  # fmt: skip


def _document(row: Document, labels: dict[str, Any], opened: bool) -> DocumentShown:
    return DocumentShown(
        row.pk, row.code, labels.get(row.code, row.code), row.file.original_name.masked, row.file.size,
        row.file.content_type, row.pages, row.state, row.uploaded_as, row.created_at, opened, row.visit_id,
    )  # fmt: skip
