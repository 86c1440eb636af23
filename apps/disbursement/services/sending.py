"""The worker sends a released order exactly once: claim and commit, then write the file, then record.

The file's name holds the order's identifier and its bytes are deterministic, so a second attempt after a crash finds the file
that the first one wrote, or writes the same one: the bank sees one order.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Institution
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError, Refused
from apps.disbursement import channel
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.rules import Instruction, digest, pain_001
from apps.disbursement.selectors.payments import orders_stuck
from apps.disbursement.services.locking import refuse_frozen
from apps.workflow.services import case_lock

LEASE = dt.timedelta(minutes=5)
PATIENCE = dt.timedelta(minutes=1)  # what the release itself enqueued comes first


def order_send(*, actor: Actor, order: PaymentOrder) -> PaymentOrder:
    """Send one released order: three steps with a commit between each. Sending a sent order does nothing."""
    claimed = order_claim(actor=actor, order=order)
    if claimed.sent_at is not None:
        return claimed
    content = pain_001(instruction_of(claimed))
    try:
        channel.deliver(claimed.file_name, content)
    except channel.OtherFile:
        order_doubt(actor=actor, order=claimed)
        raise
    return order_sent(actor=actor, order=claimed)


def orders_resend(*, actor: Actor) -> list[tuple[PaymentOrder, LoanFlowError | None]]:
    """Send again what was released and never sent, for instance because a worker died; returns each with what stopped it."""
    return [(order, _tried(actor, order)) for order in orders_stuck(older_than=PATIENCE)]


def _tried(actor: Actor, order: PaymentOrder) -> LoanFlowError | None:
    try:
        order_send(actor=actor, order=order)
    except LoanFlowError as error:
        return error
    return None


@act
def order_claim(*, actor: Actor, order: PaymentOrder) -> PaymentOrder:
    """Take a lease on the order under the same lock that a freeze takes; fixes name and digest of the file first."""
    case = case_lock(order.case, actor=actor, version=None)
    current = (
        PaymentOrder.objects.select_for_update(of=("self",))
        .select_related("drawdown__payee", "drawdown__facility", "paying_account__key_owner")
        .get(pk=order.pk)
    )
    if current.sent_at is not None:
        return current
    _may_send(current)
    current.leased_until, current.attempts = clock.now() + LEASE, current.attempts + 1
    if current.amount != current.drawdown.amount - current.drawdown.netted or current.sha256 != digest(
        pain_001(instruction_of(current))
    ):
        raise Refused("instruction", _("The order differs from what was released; it is not sent."), subject=current)
    current.file_name = f"{current.end_to_end_id}.xml"
    current.save()
    record(
        Tag.ORDER_CLAIMED,
        actor=actor,
        subject=current,
        case=case,
        note={"sha256": current.sha256, "attempt": current.attempts},
    )
    return current


def _may_send(order: PaymentOrder) -> None:
    if order.released_at is None or order.drawdown.state not in (DrawdownState.RELEASED, DrawdownState.PAYING):
        raise Refused("state", _("Only a released order is sent."), subject=order)
    refuse_frozen(order.case, hold=True)
    if order.leased_until is not None and order.leased_until > clock.now():
        raise Refused("leased", _("Another worker is sending this order."), subject=order)


def instruction_of(order: PaymentOrder) -> Instruction:
    """The order as the bank gets it; the only place that opens the account numbers, in memory."""
    payee, institution, own = order.drawdown.payee, Institution.objects.get(), order.paying_account
    if own is None:
        raise Refused(
            "paying_account",
            _("The order names no account to pay from: take it back and prepare it anew."),
            subject=order,
        )
    released = order.released_at or clock.now()
    return Instruction(
        end_to_end_id=order.end_to_end_id,
        made_at=released,
        execute_on=clock.day_of(released, institution.time_zone),
        amount=order.amount,
        currency=order.currency,
        debtor_name=institution.name,
        debtor_account=own.number.reveal(),
        debtor_bank=own.bank_name,
        creditor_name=payee.holder.reveal(),
        creditor_account=payee.number.reveal(),
        creditor_bank=payee.bank_name,
        remittance=f"{order.case.number}/{order.drawdown.number}",
    )


@act
def order_sent(*, actor: Actor, order: PaymentOrder) -> PaymentOrder:
    """Record that the file lies in the bank's folder."""
    case = case_lock(order.case, actor=actor, version=None)
    current = PaymentOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if current.sent_at is not None:
        return current
    current.sent_at, current.leased_until = clock.now(), None
    current.save(update_fields=["sent_at", "leased_until"])
    _drawdown_becomes(current, DrawdownState.PAYING)
    record(Tag.ORDER_SENT, actor=actor, subject=current, case=case, note={"file": current.file_name})
    return current


@act
def order_doubt(*, actor: Actor, order: PaymentOrder) -> PaymentOrder:
    """Record that nobody can say whether the order went out; only a person's answer ends the doubt, nothing retries."""
    case = case_lock(order.case, actor=actor, version=None)
    current = PaymentOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    current.leased_until = None
    current.save(update_fields=["leased_until"])
    _drawdown_becomes(current, DrawdownState.IN_DOUBT)
    record(Tag.ORDER_IN_DOUBT, actor=actor, subject=current, case=case, note={"file": current.file_name})
    return current


def _drawdown_becomes(order: PaymentOrder, state: str) -> None:
    drawdown = Drawdown.objects.select_for_update(of=("self",)).get(pk=order.drawdown_id)
    drawdown.state = state
    drawdown.save(update_fields=["state"])
