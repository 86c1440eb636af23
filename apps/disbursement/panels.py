"""What disbursement shows on the case page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.actor import Actor
from apps.disbursement.selectors import conditions_standing
from apps.disbursement.selectors.pages import contract_page, payments_page
from apps.workflow.models import LoanCase
from apps.workflow.states import State

Shown = Mapping[str, Any] | None
FROM_CONTRACT = (State.CONTRACTING, State.CONDITIONS, State.PAYOUT, State.ACTIVE, State.COMPLETED)
FROM_PAYOUT = (State.PAYOUT, State.ACTIVE, State.COMPLETED)


def payments(case: LoanCase, actor: Actor) -> Shown:
    """Payments, once there can be any."""
    return payments_page(actor, case) if case.state in FROM_PAYOUT else None


def contract(case: LoanCase, actor: Actor) -> Shown:
    """The contract and its signatures, once there can be one."""
    return contract_page(actor, case) if case.state in FROM_CONTRACT else None


def conditions(case: LoanCase, actor: Actor) -> Shown:
    """Conditions with how they stand, after the contract."""
    rows = conditions_standing(case) if case.state in (State.CONDITIONS, *FROM_PAYOUT) else []
    return {"case": case, "conditions": rows} if rows else None
