"""Freezes the decision memo, and freezes it anew when something it binds has changed: signatures void themselves."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict

from apps.approval.gathering import content_now, just_frozen, memo_differs, one_look, summary_of
from apps.approval.models import DecisionMemo, Policy, Signature
from apps.approval.rules import differences, memo_digest
from apps.approval.rules.decisions import NOT_COMPARED
from apps.approval.selectors.memos import memo_live, signers_of
from apps.approval.selectors.policies import policy_for
from apps.approval.services.proposing import conditions_propose
from apps.audit.canonical import JSON
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, notify
from apps.workflow.states import State

SYSTEM = "process"
VOIDED = "signatures_voided"
REVIEWED_IN = (State.CREDIT_REVIEW, State.COLLATERAL_CHECK)


def system_for(actor: Actor) -> Actor:
    """The system actor that voids and freezes, on behalf of whoever caused it."""
    return Actor.system(SYSTEM, channel=actor.channel, on_behalf_of=actor.person_id, on_behalf_name=actor.name)


def memo_freeze(case: LoanCase, actor: Actor) -> None:
    """Handoff into approval: freeze a memo, or keep the one that stands when the case only waited and nothing changed."""
    live = memo_live(case)
    if live is not None and case.came_from == State.WAITING:
        if not memo_differs(live, case):
            return
        _void(live, case)
        _freeze(case, actor, live.policy, live)
        return
    if live is not None:
        _void(live, case)
    if case.came_from in REVIEWED_IN:
        conditions_propose(case, actor)
    _freeze(case, actor, policy_for(case), None)


def memo_retire(case: LoanCase, actor: Actor) -> None:
    """Handoff into an earlier stage: the memo and its signatures no longer stand."""
    live = memo_live(case)
    if live is not None:
        _void(live, case, but=actor.person_id)


@act
def memo_refresh(*, actor: Actor, case: LoanCase) -> bool:
    """Freeze the memo anew where something it binds has changed; returns whether it had.

    The signatures given are void then, and those who gave them are told. ``actor`` may be anybody: the system does it.
    """
    locked = case_lock(case, actor=actor, version=None)
    live = memo_live(locked)
    if locked.state != State.APPROVAL or live is None or not memo_differs(live, locked):
        return False
    memo_renew(locked, live, actor)
    return True


def memos_refresh(actor: Actor) -> int:
    """Freeze anew every memo in approval that no longer fits its case; a frozen case waits. Returns how many were."""
    renewed = 0
    for case in list(LoanCase.objects.filter(state=State.APPROVAL).order_by("id")):
        with contextlib.suppress(Refused):
            renewed += memo_refresh(actor=actor, case=case)
    return renewed


def memo_renew(case: LoanCase, live: DecisionMemo, actor: Actor, policy: Policy | None = None) -> DecisionMemo:
    """Void a memo with its signatures by the system's event and freeze the next, inside an open act.

    It keeps its version of the policy unless an activation puts it under another.
    """
    _void(live, case)
    renewed = _freeze(case, actor, policy or live.policy, live)
    with one_look():
        just_frozen(renewed, case)
        advance(case, Event.VOID, actor=system_for(actor), version=None, data={"memo": renewed.number})
    return renewed


def _void(live: DecisionMemo, case: LoanCase, but: int | None = None) -> None:
    now, signers = clock.now(), signers_of(live)
    for signature in Signature.objects.filter(memo=live, voided_at=None):
        signature.voided_at = now
        signature.save(update_fields=["voided_at"])
    live.voided_at = now
    live.save(update_fields=["voided_at"])
    notify([person_id for person_id in signers if person_id != but], case, VOIDED)


def _freeze(case: LoanCase, actor: Actor, policy: Policy, before: DecisionMemo | None) -> DecisionMemo:
    number = DecisionMemo.objects.filter(case=case).count() + 1
    memo = DecisionMemo(case=case, key_owner_id=case.borrower.key_owner_id, number=number, policy=policy)
    content = content_now(memo, case, salt=secrets.token_hex(16))
    memo.content, memo.digest, memo.summary = content, memo_digest(content), summary_of(content, case)
    memo.needed, memo.decline_level = content["needed"], str(content["decline_level"])
    memo.frozen_at = clock.now()
    memo.expires_at = memo.frozen_at + dt.timedelta(days=policy.memo_days)
    if before is not None:
        memo.difference = _changes(before.content.reveal(), content)
    memo.save()
    just_frozen(memo, case)
    record(
        Tag.MEMO_FROZEN, actor=actor, subject=memo, case=case, stage=case.stage, policy=str(policy.version),
        note={"memo": number, "digest": memo.digest, "needed": memo.needed},
    )  # fmt: skip
    return memo


def _changes(before: dict[str, JSON], after: dict[str, JSON]) -> Sequence[JSON]:
    old, new = ({key: value for key, value in each.items() if key not in NOT_COMPARED} for each in (before, after))
    return [asdict(change) for change in differences(old, new)]
