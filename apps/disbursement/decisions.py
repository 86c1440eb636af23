"""The decision that releases a payment: exactly which order, to and from which account as they are stored, by whom, when.

Accounts stand in it as the digest of their stored row, the one that the log knows: the number itself is in no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Model, Sum

from apps.accounts.wording import PASSKEY_NEEDED
from apps.approval.decisions import Decision, decision_by
from apps.approval.models import Policy
from apps.approval.selectors import memo_live, policy_in_force
from apps.approval.signoff import (
    WITHOUT,
    Challenge,
    Hand,
    challenge_new,
    challenge_seal,
    passkey_lines,
)
from apps.audit.images import image
from apps.audit.touched import object_key
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement.models import Drawdown, ReleaseSignature
from apps.workflow.models import LoanCase
from apps.workflow.process import Event

RELEASE = "release"


@dataclass(frozen=True, slots=True)
class ReleaseShown:
    """A release ready to be signed; ``challenge`` goes with the form. ``lines`` say why a one-time code does not do."""

    decision: Decision
    challenge: str
    lines: tuple[object, ...]


def release_to_sign(drawdown: Drawdown, actor: Actor, challenge: Challenge) -> Decision:
    """What a checker signs now; equal rows, signer and challenge give an equal text."""
    order, case = drawdown.order, drawdown.case
    bound: list[Model | None] = [drawdown, order, drawdown.payee, order.paying_account, drawdown.bill]
    facts = {
        "action": RELEASE,
        "case": case.number,
        "facility": drawdown.facility.position,
        "drawdown": drawdown.number,
        "order": order.end_to_end_id,
        "amount": order.amount,
        "netted": drawdown.netted,
        "currency": order.currency,
        "rows": {object_key(row): image(row) for row in bound if row is not None},
        "policy": policy_of(case).version,
    }
    return decision_by(actor, challenge, facts)


def release_prepare(actor: Actor, drawdown: Drawdown) -> ReleaseShown:
    """The decision that a checker would sign now, with its sealed challenge."""
    challenge = challenge_new()
    decision = release_to_sign(drawdown, actor, challenge)
    lines = [*_lines(drawdown, WITHOUT), *([PASSKEY_NEEDED] if actor.needs_passkey else [])]
    return ReleaseShown(decision, challenge_seal(challenge, decision.fingerprint, actor), tuple(lines))


def refuse_by_code(drawdown: Drawdown, hand: Hand) -> None:
    """Refuse a release of class B for more than the policy lets a one-time code sign, all of the case's together."""
    lines = _lines(drawdown, hand.factor_class)
    if lines:
        raise Refused("authority", lines[0], subject=drawdown, action=Event.RELEASE_PAYMENT)


def _lines(drawdown: Drawdown, factor_class: str) -> list[object]:
    """Small payments one after another are one amount: splitting it does not get round the passkey."""
    before = ReleaseSignature.objects.filter(case=drawdown.case_id, factor_class=WITHOUT)
    released = before.aggregate(total=Sum("drawdown__amount"))["total"] or Decimal(0)
    case = drawdown.case
    return passkey_lines(policy_of(case), drawdown.amount + released, case.currency, factor_class)


def policy_of(case: LoanCase) -> Policy:
    """The policy that a case was approved under."""
    memo = memo_live(case)
    return memo.policy if memo is not None else policy_in_force()
