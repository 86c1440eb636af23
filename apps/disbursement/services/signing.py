"""Signatures on paper: one witness scans and records, the second confirms by an act of their own. Only both together count."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.selectors import accounts_who_can
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.disbursement.models import ContractParty
from apps.disbursement.services.contracts import LARGEST, Paper
from apps.disbursement.services.locking import case_enter
from apps.vault import files
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch
from apps.workflow.services.talk import notify
from apps.workflow.states import State

NOTICE = "witness_asked"


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
    """Record that a party signed on paper: scanned and compared with the sealed text; the second witness is told to confirm."""
    locked = _entered(case, actor, version, Permission.CONTRACT_MANAGE)
    current = _line(locked, line)
    _check_signing(current, actor, signed_on, second_witness_id)
    scan = files.store(
        locked.borrower.key_owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=LARGEST
    )
    current.signed_on, current.paper = signed_on, scan
    current.witness_one_id, current.witness_two_id = actor.person_id, second_witness_id
    current.save()
    case_touch(locked, actor=actor)
    notify([second_witness_id], locked, NOTICE)
    record(
        Tag.CONTRACT_PARTY_SIGNED,
        actor=actor,
        subject=current,
        case=locked,
        stage=locked.stage,
        note={"sha256": scan.sha256},
    )
    return current


@act
def signature_confirm(*, actor: Actor, case: LoanCase, version: int, line: ContractParty) -> ContractParty:
    """Confirm a recorded signature as its second witness: the scanned page and the sealed text are the same contract."""
    locked = _entered(case, actor, version, Permission.CASE_MESSAGE)
    current = _line(locked, line)
    if current.signed_on is None or current.witnessed_at is not None or current.contract.voided_at is not None:
        raise Refused("state", _("There is no recorded signature here that waits for a witness."), subject=current)
    if current.witness_two_id != actor.person_id:
        raise Refused("second_witness", _("Only the second witness confirms the signature."), subject=current)
    current.witnessed_at = clock.now()
    current.save(update_fields=["witnessed_at"])
    case_touch(locked, actor=actor)
    record(Tag.CONTRACT_WITNESSED, actor=actor, subject=current, case=locked, stage=locked.stage)
    return current


def _entered(case: LoanCase, actor: Actor, version: int, permission: Permission) -> LoanCase:
    words = _("Signatures are taken while the contract is being signed.")
    return case_enter(
        case, actor=actor, version=version, permission=permission, states=(State.CONTRACTING,), words=words
    )  # fmt: skip


def _line(case: LoanCase, line: ContractParty) -> ContractParty:
    rows = ContractParty.objects.select_for_update(of=("self",)).select_related("contract__case")
    return rows.get(pk=line.pk, contract__case=case)


def _check_signing(line: ContractParty, actor: Actor, signed_on: dt.date, second_witness_id: int) -> None:
    errors: dict[str, list[Any]] = {}
    if line.contract.voided_at is not None or line.signed_on is not None:
        raise Refused("state", _("This signature is recorded already, or the contract was voided."), subject=line)
    if not clock.day_of(line.contract.sealed_at) <= signed_on <= clock.today():
        errors["signed_on"] = [_("The day of signing lies between drawing up and today.")]
    if second_witness_id in actor.persons:
        errors["second_witness"] = [_("The second witness is another person than you.")]
    elif (
        not accounts_who_can(Permission.CASE_MESSAGE, line.contract.case.branch_id)
        .filter(person_id=second_witness_id)
        .exists()
    ):
        errors["second_witness"] = [_("Choose a colleague of the branch.")]
    if errors:
        raise BadInput(errors)
