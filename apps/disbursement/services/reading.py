"""Looks at stored papers; each look is recorded before the first byte leaves."""

from __future__ import annotations

import io

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.models import Row
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionEvidence, ContractParty, Drawdown, EvidenceOpening
from apps.disbursement.selectors.contracts import contract_live
from apps.vault.files import open_stream
from apps.vault.models import EncryptedFile
from apps.workflow.models import LoanCase

Scanned = ConditionEvidence | ContractParty | Drawdown
FILE_OF = {ConditionEvidence: "file", ContractParty: "paper", Drawdown: "invoice"}


def contract_open(*, actor: Actor, case: LoanCase, language: str) -> io.BytesIO:
    """The contract that stands, in one language; raises ``NotVisible`` where there is none."""
    authorize(actor, Permission.CASE_VIEW, case)
    contract = contract_live(case)
    if contract is None:
        raise NotVisible(subject=case, action=Tag.CONTRACT_OPENED)
    file = contract.file_zh if language.startswith("zh") else contract.file_en
    record_read(
        Tag.CONTRACT_OPENED,
        actor=actor,
        subject=contract,
        case=case,
        purpose=Purpose(f"task:{case.state}"),
        fields=[language],
    )
    return io.BytesIO(b"".join(open_stream(file)))


def paper_file(*, actor: Actor, case: LoanCase, row: Scanned) -> EncryptedFile:
    """The scan that hangs on evidence, a signature or a payment, unopened; raises ``NotVisible`` where there is none."""
    authorize(actor, Permission.PAYMENT_VIEW, case)
    file: EncryptedFile | None = getattr(row, FILE_OF[type(row)])
    if file is None:
        raise NotVisible(subject=row, action=Tag.PAYMENT_FILE_OPENED)
    return file


def paper_open(*, actor: Actor, case: LoanCase, row: Scanned) -> tuple[io.BytesIO, EncryptedFile]:
    """A scan to be taken away; the look is on record and counts."""
    content = paper_look(actor=actor, case=case, row=row, how="taken")
    paper_drawn(actor=actor, case=case, row=row)
    return io.BytesIO(content), paper_file(actor=actor, case=case, row=row)


def paper_look(*, actor: Actor, case: LoanCase, row: Scanned, how: str = "shown") -> bytes:
    """A scan for the page that shows it; the look is on record, and counts once a page was drawn."""
    file = paper_file(actor=actor, case=case, row=row)
    _looked(actor, case, row, FILE_OF[type(row)], how)
    return b"".join(open_stream(file))


def paper_draw(*, actor: Actor, case: LoanCase, row: Scanned) -> bytes:
    """A scan to draw a page of, for a look that is on record already."""
    return b"".join(open_stream(paper_file(actor=actor, case=case, row=row)))


def paper_drawn(*, actor: Actor, case: LoanCase, row: Scanned) -> None:
    """Count evidence as opened by who has been shown a page of it."""
    authorize(actor, Permission.PAYMENT_VIEW, case)
    if isinstance(row, ConditionEvidence) and actor.person_id is not None:
        EvidenceOpening.objects.get_or_create(evidence=row, person_id=actor.person_id)


def evidence_words(*, actor: Actor, case: LoanCase, evidence: ConditionEvidence) -> str:
    """What the officer wrote about evidence, for who decides on it."""
    authorize(actor, Permission.CONDITION_VERIFY, case)
    _looked(actor, case, evidence, "note", "shown")
    return str(evidence.note.reveal())


def _looked(actor: Actor, case: LoanCase, row: Row, field: str, how: str) -> None:
    record_read(
        Tag.PAYMENT_FILE_OPENED,
        actor=actor,
        subject=row,
        case=case,
        purpose=Purpose(f"task:{case.state}"),
        fields=[field],
        note={"how": how},
    )
