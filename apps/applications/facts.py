"""Gathers from the database the plain facts that the rules of intake judge; nothing is revealed, no name leaves its mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch

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
from apps.borrowers.writing import pack_in_use
from apps.workflow.memory import remembered
from apps.workflow.models import Facility, LoanCase


@remembered
def application_of(case: LoanCase) -> Application | None:
    """The application of a case, if it has one yet."""
    return Application.objects.filter(case=case).first()


def business_facts(borrower: Borrower) -> BusinessFacts:
    """What is known of the business."""
    return BusinessFacts(
        bool(borrower.identifier), borrower.industry, borrower.founded_on, borrower.employees, bool(borrower.address),
        bool(borrower.phone),
    )  # fmt: skip


@remembered
def people_facts(borrower: Borrower) -> list[PersonFacts]:
    """The people behind a business. Two queries."""
    live = Prefetch("interests", queryset=Interest.objects.filter(ended_on=None), to_attr="live_interests")
    return [_person(party) for party in Party.objects.filter(borrower=borrower).prefetch_related(live).order_by("id")]


def _person(party: Party) -> PersonFacts:
    interests: list[Interest] = party.live_interests  # type: ignore[attr-defined]
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
    names = ("position", "kind", "amount", "term_months", "replaces_id")
    rows = Facility.objects.filter(case=case).order_by("position").values_list(*names)
    return [FacilityFacts(place, kind, amount, term, old is not None) for place, kind, amount, term, old in rows]


def word_facts(application: Application | None) -> WordFacts:
    """Whether purpose and source of repayment are there."""
    if application is None:
        return WordFacts()
    return WordFacts(bool(application.purpose), bool(application.repayment_source))


@remembered
def parts_of(borrower: Borrower) -> list[tuple[int, frozenset[str]]]:
    """Ids of the people with the parts they play. One query."""
    parts: dict[int, set[str]] = {}
    rows = Interest.objects.filter(borrower=borrower, ended_on=None).values_list("party_id", "kind")
    for party_id, kind in rows:
        parts.setdefault(party_id, set()).add(kind)
    return [(party_id, frozenset(borne)) for party_id, borne in parts.items()]


@remembered
def consent_kinds() -> dict[str, Any]:
    """Kinds of consent the pack asks for, with their words."""
    return dict(pack_in_use().consents)


@remembered
def consent_facts(case: LoanCase) -> list[ConsentFacts]:
    """Consents ever given."""
    rows = (
        Consent.objects.filter(case=case).order_by("id").values_list("kind", "party_id", "created_at", "withdrawn_at")
    )
    return [ConsentFacts(kind, party_id, at, withdrawn is None) for kind, party_id, at, withdrawn in rows]


@remembered
def declaration_facts(case: LoanCase) -> list[DeclarationFacts]:
    """Declarations ever signed."""
    rows = Declaration.objects.filter(case=case).values_list("party_id", "revision")
    return [DeclarationFacts(party_id, revision) for party_id, revision in rows]


def document_labels() -> dict[str, Any]:
    """Words of the documents that the pack knows."""
    return {document.code: document.label for document in pack_in_use().documents}


@remembered
def required_documents(case: LoanCase) -> dict[str, Any]:
    """Codes and words of what the checklist asks for; before intake the pack's list stands for it."""
    codes = list(ChecklistItem.objects.filter(case=case, required=True).order_by("id").values_list("code", flat=True))
    pack = pack_in_use()
    if not codes:
        codes = [each.code for each in pack.documents if each.required and (case.is_secured or not each.secured_only)]
    labels = {document.code: document.label for document in pack.documents}
    return {code: labels.get(code, code) for code in codes}


@remembered
def optional_documents(case: LoanCase) -> list[str]:
    """Codes of what the checklist would take but does not need."""
    codes = list(ChecklistItem.objects.filter(case=case, required=False).order_by("id").values_list("code", flat=True))
    return codes or [each.code for each in pack_in_use().documents if not each.required]


@remembered
def document_facts(case: LoanCase) -> list[DocumentFacts]:
    """Documents and where they stand."""
    rows = Document.objects.filter(case=case).only("code", "verified_at", "rejected_at")
    return [DocumentFacts(row.code, row.state) for row in rows]


@remembered
def check_facts(case: LoanCase) -> list[CheckFacts]:
    """Identity checks in the order they were made."""
    rows = IdentityCheck.objects.filter(case=case).order_by("id").values_list("party_id", "passed")
    return [CheckFacts(party_id, passed) for party_id, passed in rows]


@remembered
def open_claims(borrower: Borrower) -> list[BorrowerAccess]:
    """Accounts that applicants opened by themselves and nobody has confirmed."""
    return claims_of(borrower)


@remembered
def settled_duplicates(case: LoanCase) -> set[tuple[str, int]]:
    """Kinds and borrowers that somebody has explained."""
    rows = DuplicateFinding.objects.filter(case=case).exclude(settled_at=None)
    return {(kind, other_id) for kind, other_id in rows.values_list("kind", "other_id")}


@remembered
def visit_facts(case: LoanCase) -> list[VisitFacts]:
    """Visits that both visitors stand behind."""
    rows = (
        VisitReport.objects.filter(case=case)
        .exclude(confirmed_at=None)
        .values_list("visited_at", "first_visitor_id", "second_visitor_id")
    )
    return [VisitFacts(at, frozenset({first, second})) for at, first, second in rows]


def lending_range(case: LoanCase) -> LendingRange:
    """What the case's product lends."""
    product = case.product
    return LendingRange(product.min_amount, product.max_amount, product.min_term, product.max_term)


def text_of(facts: Mapping[str, Any], key: str) -> str:
    """A word among what was typed, empty when it is not there."""
    return str(facts.get(key) or "")
