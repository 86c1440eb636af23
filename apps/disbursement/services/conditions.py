"""Conditions: an officer gives evidence, the disbursement reviewer accepts or rejects each, approvers waive or defer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.approval.decisions import for_whom
from apps.approval.models import Condition, DecisionMemo
from apps.approval.rules import LEVELS, decision_text, fingerprint, level_held, rank
from apps.approval.selectors.memos import standing_for
from apps.approval.signoff import WITHOUT, passkey_lines
from apps.approval.wording import amount_of
from apps.audit.behind import people_behind
from apps.audit.canonical import digest
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionEvidence, ConditionWaiver, EvidenceOpening, EvidenceState
from apps.disbursement.selectors.pages import EVIDENCED
from apps.disbursement.services.contracts import LARGEST, Paper
from apps.disbursement.services.following import conditions_follow
from apps.disbursement.services.locking import case_enter
from apps.vault import files
from apps.workflow.dutybook import excluded_by
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch, check_event
from apps.workflow.services.cases import duties_write
from apps.workflow.states import State


def _locked(
    actor: Actor, case: LoanCase, version: int, permission: Permission, states: Collection[str] = (State.CONDITIONS,)
) -> LoanCase:
    words = _("Conditions are waived or deferred after the contract is signed and before payout.")
    if len(states) > 1:
        words = _("Evidence is given and verified from the signed contract on, until the loan is completed.")
    return case_enter(case, actor=actor, version=version, permission=permission, states=states, words=words)


def _condition(case: LoanCase, condition: uuid.UUID) -> Condition:
    found = Condition.objects.filter(case=case, uuid=condition, removed_at=None).first()
    if found is None:
        raise BadInput(_("This condition does not belong to the case."))
    return found


@act
def evidence_give(
    *, actor: Actor, case: LoanCase, version: int, condition: uuid.UUID, note: str, paper: Paper | None = None
) -> ConditionEvidence:
    """Give evidence that a condition is met; it counts when the reviewer has accepted it."""
    locked = _locked(actor, case, version, Permission.CONDITION_EVIDENCE, EVIDENCED)
    _condition(locked, condition)
    if not note.strip():
        raise BadInput({"note": [_("Say what the evidence shows.")]})
    if ConditionEvidence.objects.filter(condition=condition).exclude(state=EvidenceState.REJECTED).exists():
        raise BadInput(_("There is evidence for this condition already."))
    owner = locked.borrower.key_owner
    scan = (
        files.store(owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=LARGEST)
        if paper
        else None
    )
    evidence = ConditionEvidence.objects.create(
        case=locked,
        condition=condition,
        key_owner=owner,
        note=note.strip(),
        file=scan,
        given_by_id=actor.person_id,
    )
    case_touch(locked, actor=actor)
    record(Tag.CONDITION_EVIDENCED, actor=actor, subject=evidence, case=locked, stage=locked.stage)
    return evidence


@act
def evidence_decide(
    *, actor: Actor, case: LoanCase, version: int, evidence: ConditionEvidence, accepted: bool, remark: str = ""
) -> ConditionEvidence:
    """Accept or reject evidence; the reviewer takes on the duty “verifies” with the first decision."""
    locked = _locked(actor, case, version, Permission.CONDITION_VERIFY, EVIDENCED)
    current = ConditionEvidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk, case=locked)
    _check_decision(locked, current, actor, accepted=accepted, remark=remark)
    current.state = EvidenceState.ACCEPTED if accepted else EvidenceState.REJECTED
    current.decided_by_id, current.decided_at, current.remark = actor.person_id, clock.now(), remark.strip()
    current.save()
    if actor.person_id is not None:
        duties_write(locked, actor, Duty.VERIFIES, Event.CONDITIONS_MET)
    case_touch(locked, actor=actor)
    tag = Tag.CONDITION_VERIFIED if accepted else Tag.CONDITION_REJECTED
    record(tag, actor=actor, subject=current, case=locked, stage=locked.stage)
    if locked.state != State.CONDITIONS:
        conditions_follow(locked, actor)
    return current


def _check_decision(case: LoanCase, evidence: ConditionEvidence, actor: Actor, *, accepted: bool, remark: str) -> None:
    if evidence.state != EvidenceState.GIVEN:
        raise Refused("state", _("This evidence has been decided already."), subject=evidence)
    if evidence.given_by_id in actor.persons or people_behind(evidence) & actor.persons:
        raise Refused(
            "another_person", _("You gave this evidence yourself: another person verifies it."), subject=evidence
        )
    kept = (excluded_by(case, Duty.VERIFIES, person_id) for person_id in sorted(actor.persons))
    done = next((duty for duty in kept if duty is not None), None)
    if done is not None:
        raise Refused(
            "duty",
            _("You already took the duty “%(done)s” here; verifying needs another person.") % {"done": done.label},
            subject=case,
        )
    if accepted and evidence.file_id and not _has_opened(evidence, actor):
        raise Refused("unopened", _("Open the document before you accept it."), subject=evidence)
    if not accepted and not remark.strip():
        raise BadInput({"remark": [_("Say what is missing.")]})


def _has_opened(evidence: ConditionEvidence, actor: Actor) -> bool:
    return EvidenceOpening.objects.filter(evidence=evidence, person_id=actor.person_id or 0).exists()


@act
def condition_waive(
    *,
    actor: Actor,
    case: LoanCase,
    version: int,
    condition: uuid.UUID,
    reason: str,
    deferred_to: dt.date | None = None,
) -> ConditionWaiver:
    """Let a condition go, or defer it to a day: part of approving, so it takes the duty “approves” and a fresh factor.

    Only an approver of the case's level does it. The event keeps the decision as signing does: its text and fingerprint.
    """
    locked = _locked(actor, case, version, Permission.APPROVAL_WAIVE)
    check_event(locked, Event.WAIVE_CONDITION, actor=actor)
    waived = _condition(locked, condition)
    memo = _check_waiver(locked, actor, reason, deferred_to)
    _refuse_by_code(locked, memo, actor)
    if ConditionWaiver.objects.filter(condition=condition).exists():
        raise BadInput(_("This condition is waived or deferred already."))
    waiver = ConditionWaiver.objects.create(
        case=locked,
        condition=condition,
        key_owner=locked.borrower.key_owner,
        reason=reason.strip(),
        deferred_to=deferred_to,
        signed_by_id=actor.person_id or 0,
        factor_at=actor.factor_at or clock.now(),
    )
    text = _decision(waiver, waived, memo, actor)
    record(
        Tag.CONDITION_DEFERRED if deferred_to else Tag.CONDITION_WAIVED, actor=actor, subject=waiver, case=locked,
        stage=locked.stage, note={"decision": text, "fingerprint": fingerprint(text)},
    )  # fmt: skip
    advance(locked, Event.WAIVE_CONDITION, actor=actor, version=version, data={"waiver": waived.code})
    return waiver


def _decision(waiver: ConditionWaiver, condition: Condition, memo: DecisionMemo, actor: Actor) -> str:
    """What was decided, in the canonical text of sign-offs; the reason, which may name people, stands as its digest."""
    return decision_text(
        {
            "schema": "loanflow/waiver/1", "action": "defer" if waiver.deferred_to else "waive", "case": waiver.case.number,
            "memo": memo.number, "state": memo.digest, "condition": condition.code, "until": waiver.deferred_to,
            "reason": digest(f"{waiver.uuid.hex}:{waiver.reason.reveal()}"), "person": actor.person_id, "account": actor.account_id,
            **for_whom(actor),
        }
    )  # fmt: skip


def _check_waiver(case: LoanCase, actor: Actor, reason: str, deferred_to: dt.date | None) -> DecisionMemo:
    errors: dict[str, list[Any]] = {}
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None or level is None or rank(level) < max(map(rank, standing.needed), default=len(LEVELS)):
        raise Refused(
            "authority", _("Only an approver of the case's level waives or defers a condition."), subject=case
        )
    if not reason.strip():
        errors["reason"] = [_("Give a reason.")]
    if deferred_to is not None and deferred_to <= clock.today():
        errors["deferred_to"] = [_("Defer to a day after today.")]
    if errors:
        raise BadInput(errors)
    return standing.memo


def _refuse_by_code(case: LoanCase, memo: DecisionMemo, actor: Actor) -> None:
    """A waiver changes what was approved: a code lets go no condition of an amount that it could not approve.

    It is no signature over the decision (class A), so at the least the person's passkey has to have answered just now.
    """
    lines = passkey_lines(memo.policy, amount_of(memo), case.currency, WITHOUT)
    if lines and actor.factor is not Factor.PASSKEY:
        raise Refused("authority", lines[0], subject=case, action=Event.WAIVE_CONDITION)


@act
def conditions_meet(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """The reviewer confirms that no condition keeps the money back; the case goes to payout, what was deferred is followed."""
    moved = advance(case, Event.CONDITIONS_MET, actor=actor, version=version)
    conditions_follow(moved, actor)
    return moved
