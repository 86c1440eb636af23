"""Lines of the stage page: what was said and checked, with handles of staff and masked names of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.access.services import can
from apps.applications import facts
from apps.applications.models import Consent, Declaration, DuplicateFinding, IdentityCheck, VisitReport
from apps.borrowers.duplicates import DuplicateKind
from apps.borrowers.shown import PersonShown
from apps.core.actor import Actor
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.workflow.models import LoanCase
from apps.workflow.selectors.people import handles_of

People = Mapping[int, PersonShown]


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A kind of consent with the newest row of it, if any."""

    kind: str
    label: Any
    id: int | None = None
    given_by: str = ""
    given_on: dt.date | None = None
    how: Any = ""
    document_id: int | None = None
    withdrawn_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclarationLine:
    """The newest declaration, and whether it speaks of the application as it stands."""

    signed_by: str
    signed_on: dt.date
    how: Any
    is_current: bool
    document_id: int | None


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """A person whose identity counts, with the newest check."""

    person: PersonShown
    method: Any = ""
    checked_on: dt.date | None = None
    verifier: str = ""
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class DuplicateLine:
    """Something shared with another borrower; ``other_id`` only where the reader may see that borrower."""

    id: int
    label: Any
    other: str
    other_id: int | None
    verdict: Any
    settled_by: str
    settled_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit report."""

    id: int
    visited_at: dt.datetime
    visitors: str
    confirmed_at: dt.datetime | None
    mine_to_confirm: bool


def name_of(people: People, party_id: int) -> str:
    """Masked name of a person."""
    return people[party_id].name.masked if party_id in people else f"party {party_id}"


def staff_named(case: LoanCase) -> Iterator[int | None]:
    """Everybody of the staff whom the lines name."""
    yield from (check.verifier_id for check in rows(case, IdentityCheck))
    yield from (finding.settled_by_id for finding in rows(case, DuplicateFinding, "other"))
    for visit in rows(case, VisitReport):
        yield from (visit.first_visitor_id, visit.second_visitor_id)


def consent_lines(case: LoanCase, people: People) -> tuple[ConsentLine, ...]:
    """Each kind of the pack, with its newest consent; a live one goes before a withdrawn one."""
    newest: dict[str, Consent] = {}
    for row in rows(case, Consent):
        if row.withdrawn_at is None or row.kind not in newest:
            newest[row.kind] = row
    return tuple(
        _consent(kind, label, newest[kind], people) if kind in newest else ConsentLine(kind, label)
        for kind, label in facts.consent_kinds().items()
    )


def _consent(kind: str, label: Any, row: Consent, people: People) -> ConsentLine:
    return ConsentLine(
        kind, label, row.pk, name_of(people, row.party_id), row.given_on, row.get_how_display(), row.document_id,
        row.withdrawn_at,
    )  # fmt: skip


def declaration_line(case: LoanCase, people: People, revision: int) -> DeclarationLine | None:
    """The newest declaration."""
    row = next(reversed(rows(case, Declaration)), None)
    if row is None:
        return None
    return DeclarationLine(
        name_of(people, row.party_id), row.signed_on, row.get_how_display(), row.revision == revision, row.document_id
    )


def identity_lines(case: LoanCase, people: People, parts: frozenset[str]) -> tuple[IdentityLine, ...]:
    """Everybody with one of the parts, checked or not."""
    newest = {check.party_id: check for check in rows(case, IdentityCheck)}
    handles = handles_of(check.verifier_id for check in newest.values())
    counted = [person for person in people.values() if any(part.kind in parts for part in person.parts)]
    return tuple(
        IdentityLine(
            person, check.get_method_display(), check.checked_on, handles.get(check.verifier_id, ""), check.passed
        )
        if (check := newest.get(person.id))
        else IdentityLine(person)
        for person in counted
    )


def duplicate_lines(case: LoanCase, actor: Actor) -> tuple[DuplicateLine, ...]:
    """What is shared with others; a business out of the reader's sight keeps its name."""
    found = rows(case, DuplicateFinding, "other")
    handles = handles_of(row.settled_by_id for row in found)
    return tuple(_duplicate(row, handles, bool(can(actor, Permission.BORROWER_VIEW, row.other))) for row in found)


def _duplicate(row: DuplicateFinding, handles: Mapping[int, str], seen: bool) -> DuplicateLine:
    return DuplicateLine(
        row.pk, DuplicateKind(row.kind).label, row.other.legal_name if seen else row.other.reference,
        row.other_id if seen else None, row.get_verdict_display(), handles.get(row.settled_by_id or 0, ""), row.settled_at,
    )  # fmt: skip


def visit_lines(case: LoanCase, actor: Actor) -> tuple[VisitLine, ...]:
    """Visits, newest first."""
    visits = sorted(rows(case, VisitReport), key=lambda row: (row.visited_at, row.pk), reverse=True)
    handles = handles_of(person for row in visits for person in (row.first_visitor_id, row.second_visitor_id))
    return tuple(
        VisitLine(
            row.pk, row.visited_at, " · ".join(handles.get(each, "–") for each in (row.first_visitor_id, row.second_visitor_id)),
            row.confirmed_at, row.confirmed_at is None and row.second_visitor_id == actor.person_id,
        )
        for row in visits
    )  # fmt: skip
