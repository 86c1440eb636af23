"""Approvers let a condition go, or defer it to a day: signed as an approval is."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils.translation import gettext_lazy as _

from apps.approval.models import DecisionMemo
from apps.approval.signoff import Challenge, Hand, challenge_new, challenge_spend, hand_of, signature_record, signed_by
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionWaiver, WaiverSignature
from apps.disbursement.services.locking import case_enter
from apps.disbursement.waivers import Waiving, by_code, condition_named, waiver_check, waiver_to_sign, waiver_uuid
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_unmoved, check_event
from apps.workflow.states import State


def condition_waive(
    *, actor: Actor, case: LoanCase, version: int, condition: uuid.UUID, reason: str, deferred_to: dt.date | None = None,
    challenge: str = "", answer: str = "",
) -> ConditionWaiver:  # fmt: skip
    """Let a condition go, or defer it to a day: part of approving, so it takes the duty “approves”, and is signed.

    ``challenge`` comes from ``waiver_prepare`` and binds it to what was shown; it is spent first, then ``answer``, what a
    passkey signed over it, is taken. Without a challenge, for whoever saw no page, only a factor proved within five minutes
    stands for it. Only an approver of the case's level does it.
    """
    case_unmoved(case, version=version)
    spent, shown = challenge_spend(actor=actor, sealed=challenge) if challenge else (challenge_new(), "")
    hand = hand_of(actor, shown, answer)
    wanted = Waiving(condition, reason.strip(), deferred_to)
    return _waived(actor=hand.actor, hand=hand, case=case, version=version, wanted=wanted, challenge=spent, shown=shown)


@act(tag="disbursement.condition_waive")
def _waived(
    *, actor: Actor, hand: Hand, case: LoanCase, version: int, wanted: Waiving, challenge: Challenge, shown: str
) -> ConditionWaiver:
    locked = case_enter(
        case, actor=actor, version=version, permission=Permission.APPROVAL_WAIVE, states=(State.CONDITIONS,), words=WHEN
    )
    check_event(locked, Event.WAIVE_CONDITION, actor=actor)
    condition = condition_named(locked, wanted.condition)
    memo = waiver_check(locked, actor, wanted)
    decision = waiver_to_sign(locked, condition, memo, actor, challenge, wanted)
    if shown and decision.fingerprint != shown:
        raise Refused("waiver_unchanged", CHANGED, subject=locked, action=Event.WAIVE_CONDITION)
    _refuse_by_code(locked, memo, hand)
    waiver = _made(locked, wanted, challenge, hand)
    signed = signed_by(hand, decision.text, decision.fingerprint, subject=locked, action=Event.WAIVE_CONDITION)
    signature = WaiverSignature.objects.create(case=locked, waiver=waiver, **signed)
    record(
        Tag.CONDITION_DEFERRED if wanted.deferred_to else Tag.CONDITION_WAIVED, actor=actor, subject=waiver, case=locked,
        stage=locked.stage, note={"decision": decision.text, "fingerprint": decision.fingerprint},
    )  # fmt: skip
    signature_record(hand, signature, locked)
    advance(locked, Event.WAIVE_CONDITION, actor=actor, version=version, data={"waiver": condition.code})
    return waiver


WHEN = _("Conditions are waived or deferred after the contract is signed and before payout.")
CHANGED = _(
    "What you were about to sign has changed since you looked at it. Nothing was waived: look again and sign anew."
)


def _made(case: LoanCase, wanted: Waiving, challenge: Challenge, hand: Hand) -> ConditionWaiver:
    return ConditionWaiver.objects.create(
        uuid=waiver_uuid(challenge), case=case, condition=wanted.condition, key_owner=case.borrower.key_owner, reason=wanted.reason,
        deferred_to=wanted.deferred_to, signed_by_id=hand.actor.person_id or 0, factor_at=hand.actor.factor_at or clock.now(),
    )  # fmt: skip


def _refuse_by_code(case: LoanCase, memo: DecisionMemo, hand: Hand) -> None:
    lines = by_code(case, memo, hand.factor_class)
    if lines:
        raise Refused("authority", lines[0], subject=case, action=Event.WAIVE_CONDITION)
