"""Hangs the conditions on a case that the policy's list and the review propose, when it enters approval."""

from __future__ import annotations

from apps.approval.models import Condition, ConditionKind, ConditionTemplate
from apps.approval.models.conditions import AppliesTo
from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review.selectors import CreditOutcome, credit_outcome
from apps.workflow.models import LoanCase

REVIEW = "review"
REVIEW_WORDS = ("Condition proposed by the credit review", "资信审查提出的条件")


def conditions_propose(case: LoanCase, actor: Actor) -> None:
    """Add what the list proposes for such a case, and exactly what the review proposes now, inside an open act."""
    outcome = credit_outcome(case)
    standing = list(Condition.objects.filter(case=case, removed_at=None))
    _from_list(case, outcome, {each.code for each in standing})
    _from_review(case, outcome, [each for each in standing if each.code.startswith(f"{REVIEW}-")])


def condition_of(
    case: LoanCase, template: ConditionTemplate, *, detail: str = "", person_id: int | None = None
) -> Condition:
    """A new condition with a template's words, not saved."""
    return Condition(
        case=case, key_owner=case.borrower.key_owner, code=template.code, kind=template.kind,
        due_days=template.due_days, text_en=template.text_en, text_zh=template.text_zh, detail=detail, added_by_id=person_id,
    )  # fmt: skip


def _from_list(case: LoanCase, outcome: CreditOutcome | None, codes: set[str]) -> None:
    fitting = {AppliesTo.ALWAYS}
    if case.is_secured:
        fitting.add(AppliesTo.SECURED)
    if outcome is not None and outcome.guarantees:
        fitting.add(AppliesTo.GUARANTEED)
    for template in ConditionTemplate.objects.filter(is_active=True, applies_to__in=fitting).exclude(code__in=codes):
        condition_of(case, template).save()


def _from_review(case: LoanCase, outcome: CreditOutcome | None, standing: list[Condition]) -> None:
    wanted = list(outcome.conditions) if outcome else []
    for condition in standing:
        words = condition.detail.reveal()
        if words in wanted:
            wanted.remove(words)
        else:
            condition.removed_at = clock.now()
            condition.save(update_fields=["removed_at"])
    taken = Condition.objects.filter(case=case, code__startswith=f"{REVIEW}-").count()
    for number, words in enumerate(wanted, start=taken + 1):
        _review_condition(case, f"{REVIEW}-{number}", words).save()


def _review_condition(case: LoanCase, code: str, words: str) -> Condition:
    text_en, text_zh = REVIEW_WORDS
    return Condition(
        case=case, key_owner=case.borrower.key_owner, code=code, kind=ConditionKind.PRECEDENT,
        text_en=text_en, text_zh=text_zh, detail=words,
    )  # fmt: skip
