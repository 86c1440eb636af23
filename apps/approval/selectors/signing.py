"""What the sign page shows: the decision, its fingerprint and challenge; or why one may not sign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval import wording
from apps.approval.decisions import Decision, decision_to_sign
from apps.approval.rules import level_held
from apps.approval.selectors.memos import Standing, standing_for
from apps.approval.selectors.pages import MemoShown, memo_open
from apps.approval.signoff import challenge_new, challenge_seal, code_suffices
from apps.core.actor import Actor
from apps.core.errors import IllegalTransition, Refused
from apps.workflow import process
from apps.workflow.checks import check_actor, check_freeze
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import guards
from apps.workflow.states import State

ASKED_FIRST = ("authority", "memo_unchanged", "memo_not_expired")


@dataclass(frozen=True, slots=True)
class SignShown:
    """A decision ready to be signed; ``challenge`` goes with the form and comes back with the factor.

    ``by_code`` says whether a one-time code may sign it; ``most`` up to which amount one may at all.
    """

    decision: Decision
    challenge: str
    level: str
    is_last: bool
    opened: MemoShown
    by_code: bool
    most: Decimal | None


def place_of(actor: Actor, case: LoanCase) -> tuple[Standing, str]:
    """How far the memo is signed and the actor's level; raises ``Refused`` where there is no memo or no level."""
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None:
        raise Refused("memo_unchanged", _("The decision memo is not frozen yet."), subject=case, action=Event.SIGN)
    if level is None:
        raise Refused("authority", _("You are not an approver for this branch."), subject=case, action=Event.SIGN)
    return standing, level


def sign_prepare(actor: Actor, case: LoanCase) -> tuple[Decision, str]:
    """The decision that an approver would sign now, with its sealed challenge."""
    standing, level = place_of(actor, case)
    challenge = challenge_new()
    decision = decision_to_sign(standing.memo, case, actor, level, challenge)
    return decision, challenge_seal(challenge, decision.fingerprint, actor)


def sign_shown(actor: Actor, case: LoanCase) -> SignShown:
    """Everything on the sign page; raises what keeps the actor from signing, but for the age of the factor."""
    may_sign(actor, case)
    standing, level = place_of(actor, case)
    opened = memo_open(actor, case, standing.memo)
    decision, challenge = sign_prepare(actor, case)
    policy = standing.memo.policy
    by_code = code_suffices(policy, opened.amount, case.currency) and not actor.needs_passkey
    return SignShown(
        decision, challenge, wording.level(level), standing.is_last(level), opened, by_code, policy.totp_up_to
    )


def may_sign(actor: Actor, case: LoanCase) -> None:
    """Raise what would keep the actor from signing now, the factor aside: the page asks for that itself."""
    row = process.find(case.state, Event.SIGN)
    if row is None:
        raise IllegalTransition(str(State(case.state).label), str(Event.SIGN.label), subject=case)
    check_actor(case, row, actor)
    check_freeze(case, row)
    lines: list[tuple[str, Any]] = [
        (name, line) for name in ASKED_FIRST for line in guards[name].check(case, actor, {})
    ]
    if lines:
        raise Refused(
            lines[0][0], lines[0][1], reasons=[line for _name, line in lines], subject=case, action=Event.SIGN
        )
