"""Conditions: an officer gives evidence, the disbursement reviewer accepts or rejects each. Letting one go is ``waiving``."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.audit.behind import people_behind
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionEvidence, EvidenceOpening, EvidenceState
from apps.disbursement.selectors.pages import EVIDENCED
from apps.disbursement.services.contracts import LARGEST, Paper
from apps.disbursement.services.following import conditions_follow
from apps.disbursement.services.locking import case_enter
from apps.disbursement.waivers import condition_named
from apps.vault import files
from apps.workflow.dutybook import excluded_by
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch
from apps.workflow.services.cases import duties_write
from apps.workflow.states import State


def _locked(actor: Actor, case: LoanCase, version: int, permission: Permission) -> LoanCase:
    words = _("Evidence is given and verified from the signed contract on, until the loan is completed.")
    return case_enter(case, actor=actor, version=version, permission=permission, states=EVIDENCED, words=words)


@act
def evidence_give(
    *, actor: Actor, case: LoanCase, version: int, condition: uuid.UUID, note: str, paper: Paper | None = None
) -> ConditionEvidence:
    """Give evidence that a condition is met; it counts when the reviewer has accepted it."""
    locked = _locked(actor, case, version, Permission.CONDITION_EVIDENCE)
    condition_named(locked, condition)
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
    locked = _locked(actor, case, version, Permission.CONDITION_VERIFY)
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
def conditions_meet(*, actor: Actor, case: LoanCase, version: int) -> LoanCase:
    """The reviewer confirms that no condition keeps the money back; the case goes to payout, what was deferred is followed."""
    moved = advance(case, Event.CONDITIONS_MET, actor=actor, version=version)
    conditions_follow(moved, actor)
    return moved
