"""What the bank says: paid on a value date, or rejected. A person enters it or a file brings it; the system moves the case."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.core.references import WHAT_TO_DO, is_reference
from apps.disbursement import ports
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.services.clearing import file_drop
from apps.disbursement.services.following import conditions_follow
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock
from apps.workflow.states import State

PAID, REJECTED = "paid", "rejected"
SETTLABLE = (DrawdownState.PAYING, DrawdownState.IN_DOUBT)
GRACE = dt.timedelta(days=1)  # the bank may stand in an earlier time zone


def bank_actor(actor: Actor) -> Actor:
    """The system that carries a bank's answer, for the person who entered it."""
    if actor.is_system:
        return actor
    return Actor.system("payments", channel=actor.channel, on_behalf_of=actor.person_id, on_behalf_name=actor.name)


def bank_answer(
    *,
    actor: Actor,
    drawdown: Drawdown,
    answer: str,
    value_on: dt.date | None,
    bank_reference: str,
) -> Drawdown:
    """Take the bank's answer as a form or a file gives it: ``paid`` with a value date, or ``rejected``; anything else is no answer."""
    if answer == REJECTED:
        return payment_reject(actor=actor, drawdown=drawdown, bank_reference=bank_reference)
    if answer != PAID:
        raise BadInput({"answer": [_("The answer is either “paid” or “rejected”.")]})
    if value_on is None:
        raise BadInput({"value_on": [_("Enter the value date of the payment.")]})
    return payment_confirm(actor=actor, drawdown=drawdown, value_on=value_on, bank_reference=bank_reference)


@act
def payment_confirm(*, actor: Actor, drawdown: Drawdown, value_on: dt.date, bank_reference: str) -> Drawdown:
    """Take the bank's word that an order was paid: interest runs from the value date, the first one makes the case active."""
    case, current = _answered(actor, drawdown)
    if not bank_reference.strip():
        raise BadInput({"bank_reference": [_("Enter the bank's reference.")]})
    _check_reference(bank_reference)
    if not clock.day_of(current.order.released_at or clock.now()) - GRACE <= value_on <= clock.today():
        raise BadInput({"value_on": [_("The value date lies between the release and today.")]})
    _settle(current, DrawdownState.PAID, bank_reference, value_on)
    record(Tag.ORDER_CONFIRMED, actor=actor, subject=current, case=case, note={"value_on": value_on.isoformat()})
    drawdown_paid(case, bank_actor(actor), current, value_on)
    return current


def drawdown_paid(case: LoanCase, actor: Actor, drawdown: Drawdown, value_on: dt.date) -> None:
    """What follows when a drawdown is paid: its loan opens, the case moves, conditions after payout get their days."""
    ports.paid(actor, drawdown, value_on)
    event = Event.PAYMENT_CONFIRMED_FIRST if case.state == State.PAYOUT else Event.PAYMENT_CONFIRMED
    conditions_follow(advance(case, event, actor=actor, version=None, data={"drawdown": drawdown}), actor)


@act
def payment_reject(*, actor: Actor, drawdown: Drawdown, bank_reference: str) -> Drawdown:
    """Take the bank's word that an order was not paid; the facility has its room back."""
    case, current = _answered(actor, drawdown)
    _check_reference(bank_reference)
    _settle(current, DrawdownState.REJECTED, bank_reference, None)
    record(Tag.ORDER_REJECTED, actor=actor, subject=current, case=case)
    advance(case, Event.PAYMENT_REJECTED, actor=bank_actor(actor), version=None, data={"drawdown": current})
    return current


def _check_reference(text: str) -> None:
    if text.strip() and not is_reference(text.strip()):
        raise BadInput({"bank_reference": [WHAT_TO_DO]})


def _answered(actor: Actor, drawdown: Drawdown) -> tuple[LoanCase, Drawdown]:
    case = case_lock(drawdown.case, actor=actor, version=None)
    if not actor.is_system:
        authorize(actor, Permission.PAYMENT_CONFIRM, case)
    current = (
        Drawdown.objects.select_for_update(of=("self",)).select_related("order", "facility__case").get(pk=drawdown.pk)
    )
    if current.state not in SETTLABLE:
        raise Refused("state", _("The bank can only answer an order that was sent."), subject=current)
    if actor.person_id is not None and actor.person_id == current.order.maker_id:
        raise Refused(
            "another_person", _("You prepared this payment: another person enters the bank's answer."), subject=current
        )
    return case, current


def _settle(drawdown: Drawdown, state: str, bank_reference: str, value_on: dt.date | None) -> None:
    drawdown.state, drawdown.value_on = state, value_on
    drawdown.save(update_fields=["state", "value_on"])
    order = PaymentOrder.objects.select_for_update(of=("self",)).get(drawdown=drawdown)
    order.settled_at, order.bank_reference = clock.now(), bank_reference.strip()[:80]
    order.save(update_fields=["settled_at", "bank_reference"])
    file_drop(order)
