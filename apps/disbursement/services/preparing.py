"""The maker prepares a payment: a drawdown under the facility's row lock, and its order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import BankAccount
from apps.core import clock, figures, money
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.disbursement import ports
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.rules import new_end_to_end_id
from apps.disbursement.selectors.payments import netting_of
from apps.disbursement.services.contracts import LARGEST, Paper
from apps.vault import files
from apps.vault.models import EncryptedFile
from apps.workflow.models import Facility, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, case_touch


@dataclass(frozen=True, slots=True)
class Draw:
    """What the maker asks to pay: from which facility, how much, to whom, for what, on which invoice."""

    facility: Facility
    amount: Decimal
    payee: BankAccount
    purpose: str
    invoice: EncryptedFile | None = None


@act
def payment_prepare(*, actor: Actor, case: LoanCase, version: int, draw: Draw, paper: Paper | None = None) -> Drawdown:
    """Prepare one payment. The total stays under the approved amount, whoever draws at the same time.

    A facility that replaces another pays out what is left after the old loans are settled at today's quote.
    """
    locked = case_lock(case, actor=actor, version=version)
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=draw.facility.pk, case=locked)
    draw = dataclasses.replace(
        draw, facility=facility, payee=BankAccount.objects.select_for_update(of=("self",)).get(pk=draw.payee.pk)
    )
    _check(facility, draw)
    draw = dataclasses.replace(draw, invoice=invoice_store(locked, paper)) if paper else draw
    netted = _netted(facility, draw)
    moved = advance(locked, Event.PREPARE_PAYMENT, actor=actor, version=version, data=facts(facility, draw))
    drawdown = Drawdown.objects.create(
        case=moved,
        facility=facility,
        number=facility.drawdowns.count() + 1,
        amount=draw.amount,
        currency=facility.currency,
        payee=draw.payee,
        purpose=draw.purpose.strip(),
        invoice=draw.invoice,
        netted=netted,
        netted_on=clock.today() if netted else None,
    )
    PaymentOrder.objects.create(
        drawdown=drawdown,
        case=moved,
        end_to_end_id=new_end_to_end_id(),
        amount=draw.amount - netted,
        currency=facility.currency,
        maker_id=actor.person_id or 0,
    )
    record(
        Tag.ORDER_PREPARED,
        actor=actor,
        subject=drawdown,
        case=moved,
        stage=moved.stage,
        note={"amount": str(draw.amount), "netted": str(netted)},
    )
    return drawdown


def _netted(facility: Facility, draw: Draw) -> Decimal:
    netted = ports.to_net(facility, clock.today())
    if not netted:
        return netted
    if facility.replaces is not None and netting_of(facility.replaces).exists():
        raise Refused(
            "netting", _("Another payment settles the old loan; wait for the bank's answer to it."), subject=facility
        )
    if draw.amount <= netted:
        words = {"amount": figures.amount(netted, facility.currency), "currency": facility.currency}
        raise BadInput(
            {"amount": [_("Settling the loan it replaces takes %(currency)s %(amount)s: draw more than that.") % words]}
        )
    return netted


def invoice_store(case: LoanCase, paper: Paper) -> EncryptedFile:
    """Keep the supplier's invoice under the borrower's key."""
    return files.store(
        case.borrower.key_owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=LARGEST
    )


def facts(facility: Facility, draw: Draw) -> dict[str, Any]:
    """What the payment guards need to know of a draw."""
    return {"facility": facility, "amount": draw.amount, "payee": draw.payee, "invoice": draw.invoice}


def _check(facility: Facility, draw: Draw) -> None:
    errors: dict[str, list[Any]] = {}
    if draw.amount <= 0 or not money.is_exact(draw.amount, facility.currency):
        errors["amount"] = [_("Enter an amount above zero, in whole minor units.")]
    if not draw.purpose.strip():
        errors["purpose"] = [_("Say what the money is for.")]
    if errors:
        raise BadInput(errors)


@act
def payment_cancel(*, actor: Actor, drawdown: Drawdown) -> Drawdown:
    """Take back a prepared payment that nobody has released; its maker or another maker may."""
    locked = case_lock(drawdown.case, actor=actor, version=None)
    authorize(actor, Permission.PAYMENT_PREPARE, locked)
    current = Drawdown.objects.select_for_update(of=("self",)).get(pk=drawdown.pk)
    if current.state != DrawdownState.PREPARED:
        raise Refused(
            "state", _("The payment has been released already; it can no longer be taken back here."), subject=current
        )
    current.state = DrawdownState.CANCELLED
    current.save(update_fields=["state"])
    case_touch(locked, actor=actor)
    record(Tag.ORDER_CANCELLED, actor=actor, subject=current, case=locked, stage=locked.stage)
    return current
