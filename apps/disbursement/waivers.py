"""The decision that lets a condition go, or defers it: of which condition, until when, why, on which memo, by whom, when.

The reason may name people: its digest stands in the decision, salted by what only the server makes of the challenge.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts.wording import PASSKEY_NEEDED
from apps.approval.decisions import Decision, decision_by
from apps.approval.models import Condition, DecisionMemo
from apps.approval.rules import LEVELS, level_held, rank
from apps.approval.selectors.memos import standing_for
from apps.approval.signoff import WITHOUT, Challenge, challenge_new, challenge_seal, passkey_lines
from apps.approval.wording import amount_of
from apps.audit.canonical import digest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.disbursement.models import ConditionWaiver
from apps.workflow.models import LoanCase


@dataclass(frozen=True, slots=True)
class Waiving:
    """What is to be let go: the condition, why, and the day it is deferred to, if it is only deferred."""

    condition: uuid.UUID
    reason: str
    deferred_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class WaiverShown:
    """A waiver ready to be signed; ``challenge`` goes with the form. ``lines`` say why a one-time code does not do."""

    condition: Condition
    wanted: Waiving
    memo: DecisionMemo
    decision: Decision
    challenge: str
    lines: tuple[object, ...]


def waiver_uuid(challenge: Challenge) -> uuid.UUID:
    """Name of the row that a challenge makes: known to the server alone until then."""
    return uuid.UUID(bytes=salted_hmac("loanflow.waiver", challenge.nonce, algorithm="sha256").digest()[:16])


def waiver_to_sign(
    case: LoanCase, condition: Condition, memo: DecisionMemo, actor: Actor, challenge: Challenge, wanted: Waiving
) -> Decision:
    """What an approver signs now; equal words, signer and challenge give an equal text."""
    facts = {
        "action": "defer" if wanted.deferred_to else "waive",
        "case": case.number,
        "memo": memo.number,
        "state": memo.digest,
        "policy": memo.policy.version,
        "amount": amount_of(memo),
        "currency": case.currency,
        "condition": condition.code,
        "row": condition.uuid.hex,
        "until": wanted.deferred_to,
        "reason": digest(f"{waiver_uuid(challenge).hex}:{wanted.reason}"),
    }
    return decision_by(actor, challenge, facts)


def waiver_prepare(actor: Actor, case: LoanCase, wanted: Waiving) -> WaiverShown:
    """The decision that an approver would sign now, with its sealed challenge; raises what keeps it from being made."""
    condition, challenge = condition_named(case, wanted.condition), challenge_new()
    memo = waiver_check(case, actor, wanted)
    decision = waiver_to_sign(case, condition, memo, actor, challenge, wanted)
    lines = [*by_code(case, memo, WITHOUT), *([PASSKEY_NEEDED] if actor.needs_passkey else [])]
    sealed = challenge_seal(challenge, decision.fingerprint, actor)
    return WaiverShown(condition, wanted, memo, decision, sealed, tuple(lines))


def condition_named(case: LoanCase, condition: uuid.UUID) -> Condition:
    """A standing condition of a case; raises ``BadInput`` for another's."""
    found = Condition.objects.filter(case=case, uuid=condition, removed_at=None).first()
    if found is None:
        raise BadInput(_("This condition does not belong to the case."))
    return found


def waiver_check(case: LoanCase, actor: Actor, wanted: Waiving) -> DecisionMemo:
    """Return the memo that a waiver rests on; raises ``Refused`` below the case's level, ``BadInput`` by field."""
    errors: dict[str, list[Any]] = {}
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None or level is None or rank(level) < max(map(rank, standing.needed), default=len(LEVELS)):
        raise Refused(
            "authority", _("Only an approver of the case's level waives or defers a condition."), subject=case
        )
    if not wanted.reason:
        errors["reason"] = [_("Give a reason.")]
    if wanted.deferred_to is not None and wanted.deferred_to <= clock.today():
        errors["deferred_to"] = [_("Defer to a day after today.")]
    if errors:
        raise BadInput(errors)
    if ConditionWaiver.objects.filter(condition=wanted.condition).exists():
        raise BadInput(_("This condition is waived or deferred already."))
    return standing.memo


def by_code(case: LoanCase, memo: DecisionMemo, factor_class: str) -> list[object]:
    """A waiver changes what was approved: a code lets go no condition of an amount that it could not approve."""
    return passkey_lines(memo.policy, amount_of(memo), case.currency, factor_class)
