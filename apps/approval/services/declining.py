"""Deciding against a loan: declining it for good with a letter, referring it to the next level, or returning it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apps.approval.models import DeclineDecision, DeclineOutcome
from apps.approval.selectors.signing import place_of
from apps.approval.services.texts import text_taken
from apps.approval.signoff import identity
from apps.audit.services import act
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, check_event
from apps.workflow.states import State

DISSENT_LENGTH = 4000


@act
def approval_decline(
    *, actor: Actor, case: LoanCase, version: int, reasons: Sequence[str], dissent: str = ""
) -> LoanCase:
    """Decline for good, with reasons from the list; the handoff's letters quote them, the dissent stays with the memo."""
    locked = case_lock(case, actor=actor, version=version)
    check_event(locked, Event.DECLINE_APPROVAL, actor=actor, data={"reasons": tuple(reasons)})
    decision = _write(locked, actor, DeclineOutcome.DECLINED, reasons, dissent)
    facts = {"level": decision.level}
    return advance(locked, Event.DECLINE_APPROVAL, actor=actor, version=version, reasons=reasons, data=facts)


@act
def approval_refer(
    *, actor: Actor, case: LoanCase, version: int, dissent: str, reasons: Sequence[str] = ()
) -> LoanCase:
    """Refer to the next level with one's dissent, where the matrix does not let one's own level decline."""
    locked = case_lock(case, actor=actor, version=version)
    words = text_taken("dissent", dissent, most=DISSENT_LENGTH, required=True)
    check_event(locked, Event.ESCALATE, actor=actor, data={"text": words})
    decision = _write(locked, actor, DeclineOutcome.REFERRED, reasons, words)
    facts = {"level": decision.level, "decision": decision.pk}
    return advance(locked, Event.ESCALATE, actor=actor, version=version, reasons=reasons, text=words, data=facts)


@act
def approval_return(
    *, actor: Actor, case: LoanCase, version: int, to: str, questions: str, reasons: Sequence[str] = ()
) -> LoanCase:
    """Return the case to an earlier stage with what is asked there; the memo and its signatures then no longer stand."""
    if to not in set(State):
        raise BadInput({"to": [_("Choose an earlier stage.")]})
    words = text_taken("questions", questions, most=DISSENT_LENGTH)
    return advance(
        case, Event.RETURN_SIGNED, actor=actor, version=version, reasons=reasons, text=words, data={"to": to}
    )


def _write(
    case: LoanCase, actor: Actor, outcome: DeclineOutcome, reasons: Sequence[str], dissent: str
) -> DeclineDecision:
    standing, level = place_of(actor, case)
    memo, (person_id, account_id) = standing.memo, identity(actor)
    return DeclineDecision.objects.create(
        case=case, memo=memo, key_owner_id=memo.key_owner_id, person_id=person_id, account_id=account_id,
        level=level, outcome=outcome, reasons=list(reasons),
        dissent=text_taken("dissent", dissent, most=DISSENT_LENGTH),
    )  # fmt: skip
