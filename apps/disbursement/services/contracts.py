"""The contract: drawn up in both languages, signed by each party (``signing``), concluded by the bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

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
from apps.disbursement.selectors.guarantees import guarantors_approved, guarantors_unreviewed
from apps.disbursement.services.locking import case_enter
from apps.vault import files
from apps.vault.models import EncryptedFile
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch
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
    words = _("A contract is drawn up when the borrower has accepted the offer.")
    locked = case_enter(
        case, actor=actor, version=version, permission=Permission.CONTRACT_MANAGE, states=(State.CONTRACTING,), words=words
    )  # fmt: skip
    memo = memo_live(locked)
    if memo is None:
        raise Refused("state", words, subject=locked)
    _check_guarantors(locked)
    contract_void(locked, actor)
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


def _check_guarantors(case: LoanCase) -> None:
    """Somebody who is to stand in but whose credit nobody has seen stops the contract: the approval knows nothing of them."""
    unknown = guarantors_unreviewed(case)
    if unknown:
        raise Refused(
            "guarantors_reviewed",
            _(
                "A guarantor of the business was never reviewed: return the case to approval and have their credit seen,"
                " or end their part on the borrower's page."
            ),
            reasons=[_("%(name)s is entered as guarantor.") % {"name": party.name.masked} for party in unknown],
            subject=case,
        )


def contract_void(case: LoanCase, actor: Actor) -> None:
    """Void the contract that stands, if there is one, and record it; signatures on it count no more. Needs an open act."""
    standing = contract_live(case)
    if standing is not None:
        standing.voided_at = clock.now()
        standing.save(update_fields=["voided_at"])
        record(Tag.CONTRACT_VOIDED, actor=actor, subject=standing, case=case, stage=case.stage)


def _stored(case: LoanCase, language: str) -> EncryptedFile:
    content = render_pdf("disbursement/contract.typ", contract_data(case, language), language, made_at=clock.now())
    return files.store(
        case.borrower.key_owner, [content], name=f"{case.number}-{language}.pdf", content_type=PDF, max_bytes=LARGEST
    )


def _signing_list(contract: Contract) -> None:
    """One line a person: who represents the borrower, and each guarantor that the approval rests on."""
    interests = Interest.objects.filter(party__borrower=contract.case.borrower, ended_on=None)
    signers = set(interests.filter(kind__in=SIGN_FOR_BORROWER).values_list("party_id", flat=True))
    if not signers:
        raise BadInput(_("Nobody may sign for the borrower: enter its legal representative or a signer first."))
    rows = [("borrower", party_id) for party_id in sorted(signers)]
    rows += [("guarantor", each.party.pk) for each in guarantors_approved(contract.case)]
    for role, party_id in rows:
        ContractParty.objects.create(contract=contract, party_id=party_id, role=role)


@act
def contract_conclude(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """The bank's signatory concludes the contract when everybody has signed before two witnesses; the conditions follow."""
    locked = case_enter(case, actor=actor, version=version, permission=Permission.CONTRACT_SIGN)
    contract = contract_live(locked)
    if contract is not None:
        contract.concluded_at = clock.now()
        contract.save(update_fields=["concluded_at"])
    return advance(locked, Event.CONTRACT_SIGNED, actor=actor, version=version)
