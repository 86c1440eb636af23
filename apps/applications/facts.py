"""Gathers from the database the plain facts that the rules of intake judge; nothing is revealed, no name leaves its mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.applications.models import (
    Application,
    ChecklistItem,
    Consent,
    Declaration,
    Document,
    DuplicateFinding,
    IdentityCheck,
    VisitReport,
)
from apps.applications.rules import (
    BusinessFacts,
    CheckFacts,
    ConsentFacts,
    DeclarationFacts,
    DocumentFacts,
    FacilityFacts,
    LendingRange,
    PersonFacts,
    VisitFacts,
    WordFacts,
)
from apps.borrowers.acting import claims_of
from apps.borrowers.models import Borrower, BorrowerAccess, Interest, Party
from apps.borrowers.selectors import people_of
from apps.borrowers.writing import pack_in_use
from apps.core.gathered import rows
from apps.core.memory import remembered
from apps.workflow.models import LoanCase
from apps.workflow.selectors.facilities import facilities_of


@remembered
def application_of(case: LoanCase) -> Application | None:
    """The application of a case, if it has one yet."""
    return next(iter(rows(case, Application)), None)


def business_facts(borrower: Borrower) -> BusinessFacts:
    """What is known of the business."""
    return BusinessFacts(
        bool(borrower.identifier), borrower.industry, borrower.founded_on, borrower.employees, bool(borrower.address),
        bool(borrower.phone),
    )  # fmt: skip


@remembered
def people_facts(borrower: Borrower) -> list[PersonFacts]:
    """The people behind a business. Two queries."""
    return [_person(party, interests) for party, interests in people_of(borrower)]


def _person(party: Party, interests: Sequence[Interest]) -> PersonFacts:
    shares = [each.share for each in interests if each.kind == "owner" and each.share]
    ends = [each.authority_until for each in interests if each.kind == "signer"]
    return PersonFacts(
        id=party.pk, label=party.name.masked, parts=frozenset(each.kind for each in interests),
        share=shares[0] if shares else None, has_id_number=bool(party.id_number), has_birth_date=bool(party.born_on),
        authority_until=ends[0] if ends else None,
    )  # fmt: skip


@remembered
def facility_facts(case: LoanCase) -> list[FacilityFacts]:
    """What is asked for."""
    return [
        FacilityFacts(each.position, each.kind, each.amount, each.term_months, each.replaces_id is not None)
        for each in facilities_of(case)
    ]


def word_facts(application: Application | None) -> WordFacts:
    """Whether purpose and source of repayment are there."""
    if application is None:
        return WordFacts()
    return WordFacts(bool(application.purpose), bool(application.repayment_source))


@remembered
def parts_of(borrower: Borrower) -> list[tuple[int, frozenset[str]]]:
    """Ids of the people with the parts they play. One query."""
    parts: dict[int, set[str]] = {}
    for row in rows(borrower, Interest):
        if row.ended_on is None:
            parts.setdefault(row.party_id, set()).add(row.kind)
    return [(party_id, frozenset(borne)) for party_id, borne in parts.items()]


@remembered
def consent_kinds() -> dict[str, Any]:
    """Kinds of consent the pack asks for, with their words."""
    return dict(pack_in_use().consents)


@remembered
def consent_facts(case: LoanCase) -> list[ConsentFacts]:
    """Consents ever given."""
    return [
        ConsentFacts(row.kind, row.party_id, row.created_at, row.withdrawn_at is None) for row in rows(case, Consent)
    ]


@remembered
def declaration_facts(case: LoanCase) -> list[DeclarationFacts]:
    """Declarations ever signed."""
    return [DeclarationFacts(row.party_id, row.revision) for row in rows(case, Declaration)]


def document_labels() -> dict[str, Any]:
    """Words of the documents that the pack knows."""
    return {document.code: document.label for document in pack_in_use().documents}


@remembered
def required_documents(case: LoanCase) -> dict[str, Any]:
    """Codes and words of what the checklist asks for; before intake the pack's list stands for it."""
    codes = [row.code for row in rows(case, ChecklistItem) if row.required]
    pack = pack_in_use()
    if not codes:
        codes = [each.code for each in pack.documents if each.required and (case.is_secured or not each.secured_only)]
    labels = {document.code: document.label for document in pack.documents}
    return {code: labels.get(code, code) for code in codes}


@remembered
def optional_documents(case: LoanCase) -> list[str]:
    """Codes of what the checklist would take but does not need."""
    codes = [row.code for row in rows(case, ChecklistItem) if not row.required]
    return codes or [each.code for each in pack_in_use().documents if not each.required]


@remembered
def document_facts(case: LoanCase) -> list[DocumentFacts]:
    """Documents and where they stand."""
    return [DocumentFacts(row.code, row.state) for row in rows(case, Document, "file")]


@remembered
def check_facts(case: LoanCase) -> list[CheckFacts]:
    """Identity checks in the order they were made."""
    return [CheckFacts(row.party_id, row.passed) for row in rows(case, IdentityCheck)]


@remembered
def open_claims(borrower: Borrower) -> list[BorrowerAccess]:
    """Accounts that applicants opened by themselves and nobody has confirmed."""
    return claims_of(borrower)


@remembered
def settled_duplicates(case: LoanCase) -> set[tuple[str, int]]:
    """Kinds and borrowers that somebody has explained."""
    return {(row.kind, row.other_id) for row in rows(case, DuplicateFinding) if row.settled_at is not None}


@remembered
def visit_facts(case: LoanCase) -> list[VisitFacts]:
    """Visits that both visitors stand behind."""
    confirmed = [row for row in rows(case, VisitReport) if row.confirmed_at is not None]
    return [VisitFacts(row.visited_at, frozenset({row.first_visitor_id, row.second_visitor_id})) for row in confirmed]


def lending_range(case: LoanCase) -> LendingRange:
    """What the case's product lends."""
    product = case.product
    return LendingRange(product.min_amount, product.max_amount, product.min_term, product.max_term)


def text_of(facts: Mapping[str, Any], key: str) -> str:
    """A word among what was typed, empty when it is not there."""
    return str(facts.get(key) or "")
