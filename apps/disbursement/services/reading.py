"""Looks at stored papers; each look is recorded before the first byte leaves."""

from __future__ import annotations

import io

from apps.access.services import authorize
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.disbursement.selectors.contracts import contract_live
from apps.vault.files import open_stream
from apps.workflow.models import LoanCase


def contract_open(*, actor: Actor, case: LoanCase, language: str) -> io.BytesIO:
    """The contract that stands, in one language; raises ``NotVisible`` where there is none."""
    authorize(actor, Permission.CASE_VIEW, case)
    contract = contract_live(case)
    if contract is None:
        raise NotVisible(subject=case, action=Tag.CONTRACT_OPENED)
    file = contract.file_zh if language.startswith("zh") else contract.file_en
    record_read(Tag.CONTRACT_OPENED, actor=actor, subject=contract, case=case, purpose=Purpose(f"task:{case.state}"), fields=[language])
    return io.BytesIO(b"".join(open_stream(file)))
