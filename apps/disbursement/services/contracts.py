"""The contract: drawn up in both languages, signed by each party on paper before two witnesses, concluded by the bank."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from apps.access.selectors import accounts_who_can
from apps.access.services import authorize
from apps.approval.selectors.memos import memo_live
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Interest, InterestKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.pdf import render_pdf
from apps.core.permissions import Permission
from apps.disbursement.models import Contract, ContractParty
from apps.disbursement.papers import contract_data
from apps.disbursement.selectors.contracts import contract_live
from apps.vault import files
from apps.vault.models import EncryptedFile
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, case_touch
from apps.workflow.states import State

PDF = "application/pdf"
LARGEST = 20 * 1024 * 1024
SIGN_FOR_BORROWER = (InterestKind.LEGAL_REPRESENTATIVE, InterestKind.SIGNER)


@dataclass(frozen=True, slots=True)
class Paper:
    """A scanned signature page."""

    stream: BinaryIO
    name: str
    content_type: str


@act
def contract_make(*, actor: Actor, case: LoanCase, version: int) -> Contract:
    """Draw the contract up from the accepted terms, in both languages, with its signing list; an older one is voided."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, Permission.CONTRACT_MANAGE, locked)
    memo = memo_live(locked)
    if locked.state != State.CONTRACTING or memo is None:
        raise Refused("state", _("A contract is drawn up when the borrower has accepted the offer."), subject=locked)
    contract_void(locked)
    contract = Contract.objects.create(
        case=locked,
        number=locked.contracts.count() + 1,
        memo_digest=memo.digest,
        sealed_at=clock.now(),
        file_en=_stored(locked, "en"),
        file_zh=_stored(locked, "zh-hans"),
    )
    _signing_list(contract)
    case_touch(locked, actor=actor)
    record(
        Tag.CONTRACT_DRAWN_UP,
        actor=actor,
        subject=contract,
        case=locked,
        stage=locked.stage,
        note={"sha256_en": contract.file_en.sha256, "sha256_zh": contract.file_zh.sha256},
    )
    return contract


def contract_void(case: LoanCase) -> None:
    """Void the contract that stands, if there is one; signatures on it count no more. Needs an open act."""
    standing = contract_live(case)
    if standing is not None:
        standing.voided_at = clock.now()
        standing.save(update_fields=["voided_at"])


def _stored(case: LoanCase, language: str) -> EncryptedFile:
    content = render_pdf("disbursement/contract.typ", contract_data(case, language), language, made_at=clock.now())
    return files.store(
        case.borrower.key_owner, [content], name=f"{case.number}-{language}.pdf", content_type=PDF, max_bytes=LARGEST
    )


def _signing_list(contract: Contract) -> None:
    """One line a person: who represents the borrower, and each guarantor."""
    interests = Interest.objects.filter(party__borrower=contract.case.borrower, ended_on=None)
    rows = {("borrower", each.party_id) for each in interests.filter(kind__in=SIGN_FOR_BORROWER)}
    rows |= {("guarantor", each.party_id) for each in interests.filter(kind=InterestKind.GUARANTOR)}
    if not any(role == "borrower" for role, _party in rows):
        raise BadInput(_("Nobody may sign for the borrower: enter its legal representative or a signer first."))
    for role, party_id in sorted(rows):
        ContractParty.objects.create(contract=contract, party_id=party_id, role=role)


@act
def party_signed(
    *,
    actor: Actor,
    case: LoanCase,
    version: int,
    line: ContractParty,
    signed_on: dt.date,
    paper: Paper,
    second_witness_id: int,
) -> ContractParty:
    """Record that a party signed on paper: scanned, compared with the sealed text by the actor and a second witness."""
    locked = case_lock(case, actor=actor, version=version)
    authorize(actor, Permission.CONTRACT_MANAGE, locked)
    current = (
        ContractParty.objects.select_for_update(of=("self",))
        .select_related("contract__case")
        .get(pk=line.pk, contract__case=locked)
    )
    _check_signing(current, actor, signed_on, second_witness_id)
    scan = files.store(
        locked.borrower.key_owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=LARGEST
    )
    current.signed_on, current.paper = signed_on, scan
    current.witness_one_id, current.witness_two_id = actor.person_id, second_witness_id
    current.save()
    case_touch(locked, actor=actor)
    record(
        Tag.CONTRACT_PARTY_SIGNED,
        actor=actor,
        subject=current,
        case=locked,
        stage=locked.stage,
        note={"sha256": scan.sha256},
    )
    return current


def _check_signing(line: ContractParty, actor: Actor, signed_on: dt.date, second_witness_id: int) -> None:
    errors: dict[str, list[Any]] = {}
    if line.contract.voided_at is not None or line.signed_on is not None:
        raise Refused("state", _("This signature is recorded already, or the contract was voided."), subject=line)
    if not clock.day_of(line.contract.sealed_at) <= signed_on <= clock.today():
        errors["signed_on"] = [_("The day of signing lies between drawing up and today.")]
    if second_witness_id == actor.person_id:
        errors["second_witness"] = [_("The second witness is another person than you.")]
    elif (
        not accounts_who_can(Permission.CASE_MESSAGE, line.contract.case.branch_id)
        .filter(person_id=second_witness_id)
        .exists()
    ):
        errors["second_witness"] = [_("Choose a colleague of the branch.")]
    if errors:
        raise BadInput(errors)


@act
def contract_conclude(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """The bank's signatory concludes the contract when everybody has signed; the conditions follow."""
    locked = case_lock(case, actor=actor, version=version)
    contract = contract_live(locked)
    if contract is not None:
        contract.concluded_at = clock.now()
        contract.save(update_fields=["concluded_at"])
    return advance(locked, Event.CONTRACT_SIGNED, actor=actor, version=version)
