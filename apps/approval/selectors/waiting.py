"""Cases that wait for signatures, as the activation of a policy lists them: who must sign each now, and who would under the draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from apps.approval import wording
from apps.approval.models import DecisionMemo, DeclineDecision, DeclineOutcome, Signature
from apps.approval.rules import PolicyRules, after_referral, signatures_under
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.selectors import CaseFilter, cases_visible_to
from apps.workflow.states import State

MOST = 100
"""Cases listed, and voided, by one activation; those beyond keep their version."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in approval with the memo that stands; ``given`` signatures, levels ``needed`` now and those that ``would`` be."""

    case: LoanCase
    memo: DecisionMemo
    given: int
    needed: tuple[str, ...]
    would: tuple[str, ...]

    @property
    def token(self) -> str:
        """The memo as it was listed, for the form: an activation voids this one or none."""
        return token_of(self.case, self.memo)

    @property
    def differs(self) -> bool:
        """Tell whether others would have to sign."""
        return self.needed != self.would

    @property
    def needed_words(self) -> str:
        """Who must sign now."""
        return wording.levels(self.needed)

    @property
    def would_words(self) -> str:
        """Who would have to sign."""
        return wording.levels(self.would)


def token_of(case: LoanCase, memo: DecisionMemo) -> str:
    """A case with the number of its memo, such as ``LF-2026-000123:2``."""
    return f"{case.number}:{memo.number}"


def waiting_under(actor: Actor, rules: PolicyRules) -> list[Waiting]:
    """Cases in the actor's sight that wait for signatures, the longest first, beside what a policy would ask for. Four queries."""
    found = cases_visible_to(actor, CaseFilter(states=(State.APPROVAL,), sort="longest"), limit=MOST).rows
    memos = {
        memo.case_id: memo for memo in DecisionMemo.objects.filter(case__in=found, voided_at=None).select_related("key_owner")
    }  # fmt: skip
    given = Counter(Signature.objects.filter(memo__in=memos.values(), voided_at=None).values_list("memo_id", flat=True))
    referred = _referred(list(memos.values()))
    return [
        Waiting(
            case, memo, given[memo.pk], after_referral(memo.needed, referred.get(memo.pk, ())),
            signatures_under(memo.content.reveal(), rules),
        )
        for case in found if (memo := memos.get(case.pk)) is not None
    ]  # fmt: skip


def _referred(memos: Sequence[DecisionMemo]) -> dict[int, list[str]]:
    rows = DeclineDecision.objects.filter(memo__in=memos, outcome=DeclineOutcome.REFERRED)
    found: dict[int, list[str]] = {}
    for memo_id, level in rows.values_list("memo_id", "level"):
        found.setdefault(memo_id, []).append(level)
    return found
