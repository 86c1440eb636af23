"""Reads of memos, signatures and who may still sign; nothing here opens a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.approval.models import DecisionMemo, DeclineDecision, DeclineOutcome, Signature
from apps.approval.rules import after_referral, fills_a_slot, may_decline, open_slots
from apps.core.gathered import rows
from apps.workflow.models import CaseStep, LoanCase
from apps.workflow.process import Event


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a memo is signed: levels needed, signatures given, referrals, and what is still open."""

    memo: DecisionMemo
    needed: tuple[str, ...]
    signatures: tuple[Signature, ...]
    referrals: tuple[DeclineDecision, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """Levels of the signatures given."""
        return tuple(signature.level for signature in self.signatures)

    @property
    def open(self) -> tuple[str, ...]:
        """Signatures still missing, lowest first; none at all where nobody has authority, so look at ``needed`` too."""
        return open_slots(self.needed, self.given)

    @property
    def is_complete(self) -> bool:
        """Tell whether everybody needed has signed."""
        return bool(self.needed) and not self.open

    def without(self, signature_id: int | None) -> Standing:
        """The standing before one signature was given."""
        kept = tuple(each for each in self.signatures if each.pk != signature_id)
        return Standing(self.memo, self.needed, kept, self.referrals)

    def is_helped_by(self, level: str) -> bool:
        """Tell whether a signature of a level would fill an open slot."""
        return fills_a_slot(self.needed, self.given, level)

    def is_last(self, level: str) -> bool:
        """Tell whether a signature of a level would be the last one needed."""
        return bool(self.needed) and not open_slots(self.needed, [*self.given, level])

    def may_decline(self, level: str) -> bool:
        """Tell whether an approver of a level declines for good; where nobody may sign, everybody may decline."""
        return not self.needed or may_decline(level, self.needed, self.memo.decline_level)


def memo_live(case: LoanCase) -> DecisionMemo | None:
    """The memo that stands for a case, or ``None``."""
    return next((row for row in rows(case, DecisionMemo, "policy", "key_owner") if row.voided_at is None), None)


def memos_of(case: LoanCase) -> list[DecisionMemo]:
    """All memos of a case, newest first."""
    return sorted(rows(case, DecisionMemo, "policy", "key_owner"), key=lambda memo: -memo.number)


def standing_of(memo: DecisionMemo, *, but_decision: int | None = None) -> Standing:
    """How far a memo is signed, leaving out one decision that is being made just now; two queries."""
    mine = [each for each in rows(memo.case, Signature, "account") if each.memo_id == memo.pk]
    signatures = tuple(each for each in mine if each.voided_at is None)
    made = [each for each in rows(memo.case, DeclineDecision, "account") if each.memo_id == memo.pk]
    referrals = tuple(each for each in made if each.outcome == DeclineOutcome.REFERRED and each.pk != but_decision)
    needed = after_referral(memo.needed, [each.level for each in referrals])
    return Standing(memo, needed, signatures, referrals)


def standing_for(case: LoanCase, *, but_decision: int | None = None) -> Standing | None:
    """How far a case's memo is signed, or ``None`` before there is one."""
    memo = memo_live(case)
    return None if memo is None else standing_of(memo, but_decision=but_decision)


APPROVING = (Event.SIGN, Event.SIGN_LAST, Event.DECLINE_APPROVAL, Event.ESCALATE, Event.RETURN_SIGNED)


def decided_before_reopening(case: LoanCase) -> set[int]:
    """Persons who took part in the decision that was reopened, in person or by deputy: others decide anew."""
    steps = rows(case, CaseStep)
    reopened = max((step.pk for step in steps if step.event == Event.REOPEN), default=0)
    decided = [step for step in steps if step.event in APPROVING and step.pk < reopened]
    people = {person_id for step in decided for person_id in (step.person_id, step.on_behalf_of_id)}
    return {person_id for person_id in people if person_id is not None}


def signers_of(memo: DecisionMemo) -> Sequence[int]:
    """Persons whose signatures stand on a memo."""
    return list(memo.signatures.filter(voided_at=None).values_list("person_id", flat=True))
