"""What falls with an approval that is amended or revoked, and with a case that ends: the contract, and payments nobody released."""

from __future__ import annotations

from apps.audit.services import record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.disbursement.models import Drawdown, DrawdownState
from apps.disbursement.services.contracts import contract_void
from apps.workflow.models import LoanCase


def void_contract(case: LoanCase, actor: Actor) -> None:
    """On coming back into approval, or to an end without money, void the contract and take unreleased payments back."""
    contract_void(case, actor)
    for drawdown in Drawdown.objects.select_for_update(of=("self",)).filter(case=case, state=DrawdownState.PREPARED):
        drawdown.state = DrawdownState.CANCELLED
        drawdown.save(update_fields=["state"])
        record(Tag.ORDER_CANCELLED, actor=actor, subject=drawdown, case=case, stage=case.stage)
