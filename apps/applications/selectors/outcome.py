"""What later stages learn of an application: frozen, and nothing but values."""

from __future__ import annotations

import datetime as dt
import operator
from dataclasses import dataclass, field
from decimal import Decimal

from apps.applications import facts
from apps.applications.guards import knock_outs_of
from apps.applications.models import Consent, Document, DuplicateFinding, IdentityCheck, VisitReport
from apps.borrowers.rules import months_between
from apps.core import clock
from apps.core.gathered import rows
from apps.vault.secret import Secret
from apps.workflow.models import LoanCase
from apps.workflow.selectors.facilities import facilities_of

FACILITY = operator.attrgetter("pk", "position", "kind", "amount", "term_months", "repayment", "replaces_id")


@dataclass(frozen=True, slots=True)
class FacilityOutcome:
    """One facility as asked: amount in the case's currency, term in months."""

    id: int
    position: int
    kind: str
    amount: Decimal
    term_months: int
    repayment: str
    replaces_id: int | None


@dataclass(frozen=True, slots=True)
class PersonOutcome:
    """A person behind the business: parts, share in percent, and the day a check confirmed their identity."""

    party_id: int
    label: str
    parts: frozenset[str]
    share: Decimal | None
    identity_checked_on: dt.date | None


@dataclass(frozen=True, slots=True)
class ConsentOutcome:
    """A live consent."""

    id: int
    kind: str
    party_id: int
    given_on: dt.date


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """The newest visit that both visitors stand behind; its words are personal data and never printed by accident."""

    id: int
    visited_at: dt.datetime
    visitor_ids: tuple[int, int]
    staff_seen: int
    stock: str = field(repr=False)
    differences: str = field(repr=False)
    narrative: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplicationOutcome:
    """An application as it stands at ``revision``. Its words may be shown only where the look is recorded."""

    case_id: int
    number: str
    revision: int
    borrower_id: int
    legal_name: str
    industry: str
    founded_on: dt.date | None
    months_in_business: int | None
    employees: int | None
    region: str
    product_code: str
    is_secured: bool
    currency: str
    amount_asked: Decimal
    facilities: tuple[FacilityOutcome, ...]
    people: tuple[PersonOutcome, ...]
    consents: tuple[ConsentOutcome, ...]
    visit: VisitOutcome | None
    documents_accepted: int
    documents_total: int
    duplicates: tuple[tuple[str, int, str], ...]
    knock_outs: tuple[str, ...]
    purpose: str = field(repr=False)
    repayment_source: str = field(repr=False)
    narrative: str = field(repr=False)

    def consent(self, kind: str) -> ConsentOutcome | None:
        """The newest live consent of a kind."""
        return next((each for each in reversed(self.consents) if each.kind == kind), None)

    def with_part(self, part: str) -> tuple[PersonOutcome, ...]:
        """People who play a part."""
        return tuple(person for person in self.people if part in person.parts)


def application_outcome(case: LoanCase) -> ApplicationOutcome:
    """Everything later stages may rest on. The caller has authorised the actor on the case."""
    borrower, application = case.borrower, facts.application_of(case)
    accepted = [row.state for row in facts.document_facts(case)]
    return ApplicationOutcome(
        case_id=case.pk, number=case.number, revision=application.revision if application else 0,
        borrower_id=borrower.pk, legal_name=borrower.legal_name, industry=borrower.industry,
        founded_on=borrower.founded_on,
        months_in_business=months_between(borrower.founded_on, clock.today()) if borrower.founded_on else None,
        employees=borrower.employees, region=borrower.region, product_code=case.product.code, is_secured=case.is_secured,
        currency=case.currency, amount_asked=case.amount_asked, facilities=_facilities(case), people=_people(case),
        consents=_consents(case), visit=_visit(case), documents_accepted=accepted.count("accepted"),
        documents_total=len(accepted), duplicates=_duplicates(case), knock_outs=tuple(one.code for one in knock_outs_of(case)),
        purpose=plain_text(application.purpose if application else None),
        repayment_source=plain_text(application.repayment_source if application else None),
        narrative=plain_text(application.narrative if application else None),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class WordsBound:
    """What a decision binds of an application: its words at ``revision``, and the newest visit's."""

    revision: int
    purpose: str = field(repr=False)
    repayment_source: str = field(repr=False)
    visit: str = field(repr=False)
    visited_at: dt.datetime | None


def words_bound(case: LoanCase) -> WordsBound:
    """The borrower's words and the visit as they stand, to bind them; to show them, ask ``application_read``. Two queries."""
    application, visit = facts.application_of(case), newest_visit(case)
    return WordsBound(
        revision=application.revision if application else 0,
        purpose=plain_text(application.purpose if application else None),
        repayment_source=plain_text(application.repayment_source if application else None),
        visit=plain_text(visit.narrative if visit else None),
        visited_at=visit.visited_at if visit else None,
    )


def plain_text(held: Secret | None) -> str:
    """Text of a secret; empty where there is none."""
    return str(held.reveal()) if held is not None else ""


def _facilities(case: LoanCase) -> tuple[FacilityOutcome, ...]:
    return tuple(FacilityOutcome(*FACILITY(row)) for row in facilities_of(case))


def _people(case: LoanCase) -> tuple[PersonOutcome, ...]:
    newest = {row.party_id: (row.passed, row.checked_on) for row in rows(case, IdentityCheck)}
    return tuple(
        PersonOutcome(
            person.id, person.label, person.parts, person.share,
            newest[person.id][1] if person.id in newest and newest[person.id][0] else None,
        )
        for person in facts.people_facts(case.borrower)
    )  # fmt: skip


def _consents(case: LoanCase) -> tuple[ConsentOutcome, ...]:
    live = [row for row in rows(case, Consent) if row.withdrawn_at is None]
    return tuple(ConsentOutcome(row.pk, row.kind, row.party_id, row.given_on) for row in live)


def newest_visit(case: LoanCase) -> VisitReport | None:
    """The newest report that both visitors stand behind."""
    confirmed = [row for row in rows(case, VisitReport) if row.confirmed_at is not None]
    return max(confirmed, key=lambda row: (row.visited_at, row.pk), default=None)


def _visit(case: LoanCase) -> VisitOutcome | None:
    visit = newest_visit(case)
    if visit is None:
        return None
    return VisitOutcome(
        visit.pk, visit.visited_at, (visit.first_visitor_id, visit.second_visitor_id), visit.staff_seen,
        plain_text(visit.stock), plain_text(visit.differences), plain_text(visit.narrative),
    )  # fmt: skip


def _duplicates(case: LoanCase) -> tuple[tuple[str, int, str], ...]:
    return tuple((row.kind, row.other_id, row.verdict) for row in rows(case, DuplicateFinding))


def documents_of(case: LoanCase) -> list[Document]:
    """Documents of a case with their files, newest first."""
    return rows(case, Document, "file")[::-1]
