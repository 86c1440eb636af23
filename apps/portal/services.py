"""What a borrower does in the portal that no stage has a service for: answering a question, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence

from apps.audit.services import act
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance


@act
def case_answer(*, actor: Actor, case: LoanCase, version: int, text: str) -> LoanCase:
    """Answer what the institution asked; the case goes back to the stage that asked."""
    return advance(case, Event.ANSWER, actor=actor, version=version, text=text)


@act
def case_withdraw(
    *, actor: Actor, case: LoanCase, version: int, reasons: Sequence[str] = (), text: str = ""
) -> LoanCase:
    """Withdraw the application; refused once a payment is released."""
    return advance(case, Event.WITHDRAW, actor=actor, version=version, reasons=reasons, text=text)
