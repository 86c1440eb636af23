"""What the pages of disbursement show, already limited to what the actor may do."""

from __future__ import annotations

import uuid
from typing import Any

from apps.access.services import can
from apps.approval.models import Condition
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.gathered import rows
from apps.core.permissions import Permission
from apps.core.schedules import add_months
from apps.disbursement import rules
from apps.disbursement.decisions import release_prepare
from apps.disbursement.models import ConditionEvidence, ContractParty, Drawdown
from apps.disbursement.selectors.conditions import conditions_standing
from apps.disbursement.selectors.contracts import contract_live
from apps.disbursement.selectors.invoices import unpaid_of
from apps.disbursement.selectors.paying import paying_account
from apps.disbursement.selectors.payments import REVOLVING, drawdowns_of, facilities_drawn, room_of, term_of_draw
from apps.workflow.models import Facility, LoanCase
from apps.workflow.states import State

EVIDENCED = (State.CONDITIONS, State.PAYOUT, State.ACTIVE)
"""States in which evidence is taken: what was deferred, or is due after payout, comes later."""


def _may(actor: Actor, case: LoanCase, permission: Permission, *states: str) -> bool:
    return case.state in states and can(actor, permission, case).allowed


def contract_page(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """The contract, its signing list and the steps open to the actor."""
    contract = contract_live(case)
    return {
        "case": case,
        "contract": contract,
        "parties": [each for each in rows(case, ContractParty, "party") if each.contract_id == contract.pk]
        if contract
        else [],
        "may_manage": _may(actor, case, Permission.CONTRACT_MANAGE, State.CONTRACTING),
        "may_conclude": _may(actor, case, Permission.CONTRACT_SIGN, State.CONTRACTING),
        "witness_id": actor.person_id if case.state == State.CONTRACTING else None,
    }


def conditions_page(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """Conditions with their evidence and the steps open to the actor."""
    rows = conditions_standing(case)
    return {
        "case": case,
        "conditions": rows,
        "still_open": sum(each.keeps_money_back for each in rows),
        "may_give": _may(actor, case, Permission.CONDITION_EVIDENCE, *EVIDENCED),
        "may_verify": _may(actor, case, Permission.CONDITION_VERIFY, *EVIDENCED),
        "may_meet": _may(actor, case, Permission.CONDITION_VERIFY, State.CONDITIONS),
        "may_waive": _may(actor, case, Permission.APPROVAL_WAIVE, State.CONDITIONS),
    }


def payments_page(actor: Actor, case: LoanCase) -> dict[str, Any]:
    """Facilities with what is left of them, payments and the steps open to the actor."""
    steps = (State.PAYOUT, State.ACTIVE)
    may_prepare = _may(actor, case, Permission.PAYMENT_PREPARE, *steps)
    return {
        "case": case,
        "facilities": [(*each, _draw_today(each[0])) for each in facilities_drawn(case)],
        "drawdowns": list(drawdowns_of(case)),
        "may_prepare": may_prepare,
        "account_missing": may_prepare and paying_account(case.currency) is None,
        "may_release": _may(actor, case, Permission.PAYMENT_RELEASE, *steps),
        "may_confirm": _may(actor, case, Permission.PAYMENT_CONFIRM, *steps),
    }


def _draw_today(facility: Facility) -> dict[str, Any] | None:
    """Term and last day of a draw made today, of a limit whose own end bounds them; ``None`` where nothing is bound."""
    today = clock.today()
    if facility.kind != REVOLVING or not rules.is_available(facility.available_until, today):
        return None
    months = term_of_draw(facility, today)
    return None if months is None else {"months": months, "ends_on": add_months(today, months)}


def release_page(actor: Actor, drawdown: Drawdown) -> dict[str, Any]:
    """Exactly what a release sends out."""
    return {
        "drawdown": drawdown,
        "order": drawdown.order,
        "room": room_of(drawdown.facility, without=drawdown) - drawdown.amount,
        "own": drawdown.order.maker_id in actor.persons,
        "unpaid": unpaid_of(drawdown.bill, without=drawdown) if drawdown.bill else None,
        "signing": release_prepare(actor, drawdown),
    }


def drawdown_of(case: LoanCase, pk: int) -> Drawdown:
    """A drawdown of the case; raises ``NotVisible`` for another's."""
    found = drawdowns_of(case).filter(pk=pk).first()
    if found is None:
        raise NotVisible(subject=case, action="drawdown")
    return found


def evidence_of(case: LoanCase, pk: int) -> ConditionEvidence:
    """Evidence given in the case; raises ``NotVisible`` for another's."""
    found = ConditionEvidence.objects.filter(case=case, pk=pk).first()
    if found is None:
        raise NotVisible(subject=case, action="evidence")
    return found


def condition_of(evidence: ConditionEvidence) -> Condition | None:
    """The condition that a piece of evidence is for."""
    return Condition.objects.filter(case_id=evidence.case_id, uuid=evidence.condition).first()


def condition_here(case: LoanCase, condition: uuid.UUID) -> Condition:
    """A condition that stands in the case; raises ``NotVisible`` for another's."""
    found = Condition.objects.filter(case=case, uuid=condition, removed_at=None).first()
    if found is None:
        raise NotVisible(subject=case, action="condition")
    return found


def party_line(case: LoanCase, pk: int) -> ContractParty:
    """A line of the case's signing list; raises ``NotVisible`` for another's."""
    found = ContractParty.objects.filter(contract__case=case, pk=pk).first()
    if found is None:
        raise NotVisible(subject=case, action="contract_party")
    return found
