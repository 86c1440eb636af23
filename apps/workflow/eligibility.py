"""Who may hold a case in which state: the permission to do that state's work, and who is kept off it all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import Duty
from apps.access.roles import who_can
from apps.access.selectors import accounts_who_can
from apps.core.permissions import Permission
from apps.workflow import process
from apps.workflow.dutybook import excluded_by, has_interest, is_blocked, kept_off
from apps.workflow.models import LoanCase
from apps.workflow.reopening import decided_before, people_decided_before
from apps.workflow.states import State

WORK_OF: dict[str, Permission] = {
    State.DRAFT: Permission.APPLICATION_SUBMIT,
    State.INTAKE: Permission.APPLICATION_ACCEPT,
    State.WAITING: Permission.CASE_ASK,
    State.CREDIT_REVIEW: Permission.CREDIT_RECOMMEND,
    State.COLLATERAL_CHECK: Permission.COLLATERAL_CONFIRM,
    State.APPROVAL: Permission.APPROVAL_SIGN,
    State.OFFERED: Permission.OFFER_ACCEPT,
    State.CONTRACTING: Permission.CONTRACT_MANAGE,
    State.CONDITIONS: Permission.CONDITION_VERIFY,
    State.PAYOUT: Permission.PAYMENT_PREPARE,
    State.ACTIVE: Permission.REPAYMENT_POST,
}
"""Permission that the work of a state needs; its holders may claim the case there."""

FORWARD: dict[str, str] = {
    State.DRAFT: process.Event.SUBMIT,
    State.INTAKE: process.Event.ACCEPT,
    State.COLLATERAL_CHECK: process.Event.CONFIRM,
    State.APPROVAL: process.Event.SIGN,
    State.CONTRACTING: process.Event.CONTRACT_SIGNED,
    State.CONDITIONS: process.Event.CONDITIONS_MET,
    State.PAYOUT: process.Event.PREPARE_PAYMENT,
}
DECIDING = frozenset({Duty.REVIEWS, Duty.APPROVES})
"""Duties that a reopened case needs from other people than before."""


def forward_row(case: LoanCase) -> process.Row | None:
    """The row that leads a case on; the review goes by whether it is secured."""
    event = FORWARD.get(case.state)
    if case.state == State.CREDIT_REVIEW:
        event = process.Event.RECOMMEND_SECURED if case.is_secured else process.Event.RECOMMEND_UNSECURED
    return None if event is None else process.find(case.state, event)


def duty_here(case: LoanCase) -> Duty | None:
    """Duty that the state's own work lays on who does it."""
    row = forward_row(case)
    return None if row is None else row.duty


def may_work_here(case: LoanCase, person_id: int) -> bool:
    """Tell whether nothing keeps a person off the state's work: no block, no tie, no duty done, no decision before."""
    if is_blocked(case.pk, person_id) or has_interest(case, person_id):
        return False
    duty = duty_here(case)
    if duty is None:
        return True
    return excluded_by(case, duty, person_id) is None and not (duty in DECIDING and decided_before(case, person_id))


def holders_possible(case: LoanCase) -> list[tuple[int, str]]:
    """Everybody who may hold the case where it stands: person id and handle, a bounded number of queries."""
    work, duty = WORK_OF.get(case.state), duty_here(case)
    if work is None:
        return []
    off = kept_off(case, duty)
    if duty in DECIDING:
        off |= people_decided_before(case)
    rows = accounts_who_can(work, case.branch_id).exclude(person_id__in=off)
    return list(rows.values_list("person_id", "handle"))


def why_no_holder(case: LoanCase, person_id: int) -> Any:
    """Sentence that says what keeps a person from holding the case where it stands, or ``None`` where nothing does."""
    work, duty = WORK_OF.get(case.state), duty_here(case)
    if work is None or not accounts_who_can(work, case.branch_id).filter(person_id=person_id).exists():
        return _("Holds no role for this stage's work at this branch.")
    if is_blocked(case.pk, person_id) or has_interest(case, person_id):
        return _("A conflict of interest keeps this person off the case.")
    other = None if duty is None else excluded_by(case, duty, person_id)
    if other is not None:
        return _("Already took the duty “%(done)s” here.") % {"done": Duty(other).label}
    if duty in DECIDING and decided_before(case, person_id):
        return _("Decided this case before it was reopened.")
    return None


@dataclass(frozen=True, slots=True)
class Next:
    """What leads a case on, and the roles that may do it."""

    label: Any
    who: str


def next_of(case: LoanCase) -> Next | None:
    """The next step of a case and who takes it; ``None`` where only the clock or the borrower moves it."""
    row = forward_row(case)
    return None if row is None else Next(process.Event(row.event).label, who_can(row.permission))
