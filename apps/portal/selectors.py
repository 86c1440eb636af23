"""What the portal's pages show: a borrower's own cases and loans, in the borrower's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Account, AccountKind
from apps.applications.facts import consent_kinds, people_facts
from apps.applications.kinds import EXTRA
from apps.applications.models import Consent, Document
from apps.applications.selectors.lines import ConsentLine
from apps.approval.selectors.offers import letters_of, offer_standing
from apps.approval.selectors.reviews import reviewable, reviews_of
from apps.borrowers.acting import own_party
from apps.borrowers.models import Borrower, InterestKind, Party
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.keyset import Page
from apps.core.memory import remembered
from apps.core.packs import Pack
from apps.disbursement.selectors import contract_live
from apps.portal import words
from apps.portal.forms import MessageForm
from apps.portal.history import coming, happened, to_be_met
from apps.portal.offers import compared
from apps.post_loan.selectors import loans_visible_to
from apps.workflow.models import LoanCase
from apps.workflow.selectors import CaseFilter, cases_visible_to
from apps.workflow.services.reading import Said, case_opened, words_of
from apps.workflow.states import BEFORE_MONEY, State

REVIEWED = (State.DECLINED, State.OFFERED)
"""States with a decision that the borrower may ask a person to look at again."""


@remembered
def _pack() -> Pack:
    return pack_in_use()


own_person = remembered(own_party)
"""The person that a portal account is, asked once a page."""


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
    is_draft: bool
    began: dt.datetime


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document of the case that the borrower or an officer put there."""

    id: int
    label: Any
    state: str
    why: str
    added_at: dt.datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message: ``who`` is ``you``, ``colleague`` (another person of the business) or ``bank``."""

    who: str
    kind: str
    text: str
    at: dt.datetime


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
        case.state == State.DRAFT,
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
        "case": case, "line": case_line(case), "steps": words.steps(case.state), "said": messages_shown(actor, said),
        "question": open_question(said, case),
        "offer": offer, "compared": compared(case, offer) if offer else [], "offer_ended": offer is not None and offer.ends_on < clock.today(),
        "happened": happened(case), "coming": coming(case), "to_be_met": to_be_met(case),
        "facilities": list(case.facilities.order_by("position")), "documents": documents_of(case),
        "loans": loans_visible_to(actor).rows if case.state in (State.ACTIVE, State.COMPLETED) else [],
        "may_withdraw": case.state in BEFORE_MONEY, "may_add": case.is_open, "consents": consents_shown(actor, case),
        "review": reviewable(case) if case.state in REVIEWED else None, "reviews": reviews_of(case) if case.decided_at else [],
        "letters": letters_of(case), "contract": contract_live(case), "message_form": MessageForm(),
    }  # fmt: skip


def question_shown(actor: Actor, case: LoanCase) -> Said | None:
    """The question that waits for the borrower's answer; the look is recorded first."""
    return open_question(case_opened(actor=actor, case=case), case) if case.state == State.WAITING else None


def open_question(said: Sequence[Said], case: LoanCase) -> Said | None:
    """The question asked last, while the case waits for its answer."""
    if case.state != State.WAITING:
        return None
    return next((message for message in reversed(said) if message.kind == "question"), None)


def business_shown(borrower: Borrower) -> dict[str, Any]:
    """A business and its people as the last step sums them up: masked, and with few queries."""
    kinds = {kind.code: kind.label for kind in _pack().business_identifiers}
    people = [
        (person.label, [InterestKind(part).label for part in sorted(person.parts)], person.share)
        for person in people_facts(borrower)
    ]
    return {"kind": kinds.get(borrower.identifier_kind, ""), "people": people}


def messages_shown(actor: Actor, said: Sequence[Said]) -> list[MessageLine]:
    """What was written, with who wrote it in the borrower's words; nobody of the bank is named."""
    names = {message.author for message in said}
    own = set(Account.objects.filter(kind=AccountKind.BORROWER, handle__in=names).values_list("handle", flat=True))
    return [MessageLine(_who(actor, own, each.author), each.kind, each.text, each.at) for each in said]


def _who(actor: Actor, own: set[str], author: str) -> str:
    if author == actor.name:
        return "you"
    return "colleague" if author in own else "bank"


def consents_shown(actor: Actor, case: LoanCase) -> list[tuple[ConsentLine, bool]]:
    """Each kind of consent, and whether the actor may take it back: their own word, while no money has moved."""
    party = own_person(actor, case.borrower_id)
    newest: dict[str, Consent] = {}
    for row in Consent.objects.filter(case=case).select_related("party").order_by("id"):
        if row.withdrawn_at is None or row.kind not in newest:
            newest[row.kind] = row
    return [
        (_consent(kind, label, newest.get(kind)), _is_own(case, newest.get(kind), party))
        for kind, label in consent_kinds().items()
    ]


def _consent(kind: str, label: Any, row: Consent | None) -> ConsentLine:
    if row is None:
        return ConsentLine(kind, label)
    return ConsentLine(
        kind, label, row.pk, row.party.name.masked, row.given_on, row.get_how_display(), row.document_id, row.withdrawn_at
    )  # fmt: skip


def _is_own(case: LoanCase, row: Consent | None, party: Party | None) -> bool:
    standing = row is not None and row.withdrawn_at is None and case.state in BEFORE_MONEY
    return standing and row is not None and party is not None and row.party_id == party.pk


def documents_of(case: LoanCase) -> list[DocumentLine]:
    """Documents of the checklist and those handed in here, newest first; what staff attached for themselves stays inside.

    Why one was rejected is opened for the borrower, so the look at the case must be on record before.
    """
    labels = {document.code: document.label for document in _pack().documents}
    own = Exists(Account.objects.filter(person_id=OuterRef("uploaded_by_id"), kind=AccountKind.BORROWER))
    rows = (
        Document.objects.filter(case=case, visit=None)
        .annotate(is_own=own)
        .filter(Q(code__in=list(labels)) | Q(is_own=True))
    )
    words_for = {**EXTRA, **labels}
    return [
        DocumentLine(row.pk, words_for.get(row.code, row.code), row.state, _why(row), row.created_at, row.is_own)
        for row in rows.select_related("key_owner").order_by("-id")
    ]


def rows_handed_in(case: LoanCase) -> QuerySet[Document]:
    """Documents that people of the business have handed in themselves: these they may open again."""
    rows = Document.objects.filter(case=case, visit=None, uploaded_by__accounts__kind=AccountKind.BORROWER)
    return rows.select_related("file__owner", "case__borrower").distinct()


def document_get(case: LoanCase, pk: int) -> Document:
    """A document handed in by the business itself; raises ``NotVisible``."""
    found = rows_handed_in(case).filter(pk=pk).first()
    if found is None:
        raise NotVisible(subject=case)
    return found


def _why(row: Document) -> str:
    return words_of(row.rejected_why) if row.state == "rejected" and row.rejected_why else ""
