"""Takes a file of the bank's answers: each line is an act of its own, and the same file again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.errors import LoanFlowError, NotVisible
from apps.disbursement.answers import Answer, read
from apps.disbursement.models import DrawdownState, PaymentOrder
from apps.disbursement.services.confirming import PAID, REJECTED, bank_answer

ANSWERED = {DrawdownState.PAID: PAID, DrawdownState.REJECTED: REJECTED}


class Outcome(models.TextChoices):
    """What became of a line."""

    TAKEN = "taken", _("taken")
    KNOWN = "known", _("known already")
    REFUSED = "refused", _("not taken")


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line of the file, what became of it, and why it was not taken."""

    answer: Answer
    outcome: Outcome
    words: Any = ""


def bank_answers_take(*, actor: Actor, content: bytes) -> list[LineResult]:
    """Take every line that can be taken; raises ``BadInput`` when the file itself cannot be read."""
    return [_taken(actor, answer) for answer in read(content)]


def _taken(actor: Actor, answer: Answer) -> LineResult:
    if answer.problem:
        return LineResult(answer, Outcome.REFUSED, answer.problem)
    order = PaymentOrder.objects.select_related("drawdown__case").filter(end_to_end_id=answer.end_to_end_id).first()
    if order is None:
        return LineResult(answer, Outcome.REFUSED, _("There is no such order."))
    try:
        return _given(actor, answer, order)
    except NotVisible:
        return LineResult(answer, Outcome.REFUSED, _("There is no such order."))
    except LoanFlowError as error:
        return LineResult(answer, Outcome.REFUSED, str(error))


def _given(actor: Actor, answer: Answer, order: PaymentOrder) -> LineResult:
    known = ANSWERED.get(DrawdownState(order.drawdown.state))
    if (
        known == answer.status
        and order.bank_reference == answer.bank_reference
        and order.drawdown.value_on == _day(answer)
    ):
        return LineResult(answer, Outcome.KNOWN)
    bank_answer(
        actor=actor, drawdown=order.drawdown, answer=answer.status, value_on=answer.value_on, bank_reference=answer.bank_reference,
    )  # fmt: skip
    return LineResult(answer, Outcome.TAKEN)


def _day(answer: Answer) -> Any:
    return answer.value_on if answer.status == PAID else None
