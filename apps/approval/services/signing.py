"""Signing a memo: spend the challenge, see under the lock that nothing has changed, write the signature, move the case."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.decisions import Decision, decision_to_sign
from apps.approval.gathering import one_look
from apps.approval.models import DecisionMemo, Signature
from apps.approval.selectors.signing import place_of
from apps.approval.services.freezing import memo_refresh
from apps.approval.services.texts import text_taken
from apps.approval.signoff import Challenge, Hand, challenge_spend, hand_of, signature_record, signed_by
from apps.audit.services import act
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, check_event

COMMENT_LENGTH = 2000


def memo_sign(
    *, actor: Actor, case: LoanCase, version: int, challenge: str, comment: str = "", answer: str = ""
) -> LoanCase:
    """Sign the memo of a case as it was shown; the last signature needed moves the case on to the offer.

    ``challenge`` comes from ``sign_prepare``. It is spent first, in its own act; then ``answer``, what a passkey signed over
    the decision shown, is taken in another (class A); without it the actor's factor has to do (class B). Where signing is
    refused because the memo has changed, it is frozen anew, which commits too. Raises ``Refused``, ``Stale`` or
    ``StepUpNeeded``; one then looks again and signs anew.
    """
    spent, shown = challenge_spend(actor=actor, sealed=challenge)
    hand = hand_of(actor, shown, answer)
    try:
        return _sign(
            actor=hand.actor, hand=hand, case=case, version=version, challenge=spent, shown=shown, comment=comment
        )  # fmt: skip
    except Refused as refusal:
        if refusal.guard == "memo_unchanged":
            memo_refresh(actor=actor, case=case)
        raise


@act(tag="approval.memo_sign")
def _sign(
    *, actor: Actor, hand: Hand, case: LoanCase, version: int, challenge: Challenge, shown: str, comment: str
) -> LoanCase:
    locked = case_lock(case, actor=actor, version=None)
    standing, level = place_of(actor, locked)
    decision = decision_to_sign(standing.memo, locked, actor, level, challenge)
    if decision.fingerprint != shown:
        raise Refused("memo_unchanged", CHANGED, subject=locked, action=Event.SIGN, reasons=[ANEW])
    event = Event.SIGN_LAST if standing.is_last(level) else Event.SIGN
    facts: dict[str, Any] = {"factor_class": hand.factor_class}
    with one_look():  # under the lock taken above; a signature changes nothing that its memo binds
        check_event(locked, event, actor=actor, data=facts)
        signature = _write(standing.memo, hand, level, decision, comment)
        signature_record(hand, signature, locked)
        facts |= {"signature": signature.pk, "memo": standing.memo.number, "level": level}
        return advance(locked, event, actor=actor, version=version, data=facts)


CHANGED = _("What you were about to sign has changed since you looked at it.")
ANEW = _("Nothing was signed. Look at the memo as it is now and sign anew.")


def _write(memo: DecisionMemo, hand: Hand, level: str, decision: Decision, comment: str) -> Signature:
    signed = signed_by(hand, decision.text, decision.fingerprint, subject=memo, action=Event.SIGN)
    text = text_taken("comment", comment, most=COMMENT_LENGTH)
    return Signature.objects.create(
        memo=memo, case_id=memo.case_id, key_owner_id=memo.key_owner_id, level=level, comment=text, **signed
    )
