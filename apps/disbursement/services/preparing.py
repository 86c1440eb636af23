"""The maker prepares a payment: a drawdown under the facility's row lock, and its order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import BankAccount
from apps.core import clock, figures, money
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission
from apps.disbursement import ports
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder, SupplierInvoice
from apps.disbursement.rules import new_end_to_end_id
from apps.disbursement.selectors.conditions import conditions_standing
from apps.disbursement.selectors.paying import paying_account_needed
from apps.disbursement.selectors.payments import netting_of
from apps.disbursement.services.invoices import InvoiceGiven, invoice_take
from apps.disbursement.services.locking import case_enter
from apps.workflow.models import Facility, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_touch


@dataclass(frozen=True, slots=True)
class Draw:
    """What the maker asks to pay: from which facility, how much, to whom, for what, on which invoice."""

    facility: Facility
    amount: Decimal
    payee: BankAccount
    purpose: str
    bill: SupplierInvoice | None = None


@act
def payment_prepare(
    *, actor: Actor, case: LoanCase, version: int, draw: Draw, invoice: InvoiceGiven | None = None
) -> Drawdown:
    """Prepare one payment. The total stays under the approved amount, whoever draws at the same time.

    A facility that replaces another pays out what is left after the old loans are settled at today's quote; where nothing is
    left, the payment is settled in the books when it is released. ``invoice`` is one that is entered with the payment.
    """
    locked = case_enter(case, actor=actor, version=version, permission=Permission.PAYMENT_PREPARE)
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=draw.facility.pk, case=locked)
    draw = _held(locked, draw, facility)
    _check(facility, draw)
    if invoice is not None:
        draw = dataclasses.replace(draw, bill=invoice_take(locked, actor, invoice))
    netted = _netted(facility, draw)
    _check_payee(draw, netted)
    moved = advance(locked, Event.PREPARE_PAYMENT, actor=actor, version=version, data=facts(draw, netted))
    refuse_conditions(moved)
    drawdown = _written(moved, actor, draw, netted)
    record(
        Tag.ORDER_PREPARED,
        actor=actor,
        subject=drawdown,
        case=moved,
        stage=moved.stage,
        note={"amount": str(draw.amount), "netted": str(netted)},
    )
    return drawdown


def _held(case: LoanCase, draw: Draw, facility: Facility) -> Draw:
    """The draw with its account and invoice as they stand under their locks."""
    payee = BankAccount.objects.select_for_update(of=("self",)).select_related("key_owner").get(pk=draw.payee.pk)
    bill = draw.bill
    if bill is not None:
        bill = SupplierInvoice.objects.select_for_update(of=("self",)).select_related("case", "key_owner", "file").get(pk=bill.pk, case=case)  # fmt: skip
    return dataclasses.replace(draw, facility=facility, payee=payee, bill=bill)


def _written(case: LoanCase, actor: Actor, draw: Draw, netted: Decimal) -> Drawdown:
    facility, pays = draw.facility, draw.amount - netted
    drawdown = Drawdown.objects.create(
        case=case,
        facility=facility,
        number=facility.drawdowns.count() + 1,
        amount=draw.amount,
        currency=facility.currency,
        payee=draw.payee,
        purpose=draw.purpose.strip(),
        bill=draw.bill,
        invoice=draw.bill.file if draw.bill else None,
        netted=netted,
        netted_on=clock.today() if netted else None,
    )
    PaymentOrder.objects.create(
        drawdown=drawdown,
        case=case,
        end_to_end_id=new_end_to_end_id(),
        amount=pays,
        currency=facility.currency,
        paying_account=paying_account_needed(facility.currency, case) if pays else None,
        maker_id=actor.person_id or 0,
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
    if draw.amount < netted:
        words = {"amount": figures.amount(netted, facility.currency), "currency": facility.currency}
        raise BadInput(
            {"amount": [_("Settling the loan it replaces takes %(currency)s %(amount)s: draw at least that.") % words]}
        )
    return netted


def facts(draw: Draw, netted: Decimal) -> dict[str, Any]:
    """What the payment guards need to know of a draw; ``pays`` is what goes to the payee."""
    return {
        "facility": draw.facility,
        "amount": draw.amount,
        "pays": draw.amount - netted,
        "payee": draw.payee,
        "invoice": draw.bill,
    }


def _check(facility: Facility, draw: Draw) -> None:
    errors: dict[str, list[Any]] = {}
    if draw.amount <= 0 or not money.is_exact(draw.amount, facility.currency):
        errors["amount"] = [_("Enter an amount above zero, in whole minor units.")]
    if not draw.purpose.strip():
        errors["purpose"] = [_("Say what the money is for.")]
    if errors:
        raise BadInput(errors)


def _check_payee(draw: Draw, netted: Decimal) -> None:
    if draw.payee.is_supplier and draw.amount == netted:
        raise BadInput({"payee": [_("Nothing is paid out: choose the borrower's own account.")]})
    if draw.bill is not None and not draw.payee.is_supplier:
        raise BadInput({"payee": [_("An invoice is paid to the supplier's account.")]})


def refuse_conditions(case: LoanCase) -> None:
    """A condition whose deferral has run out keeps the money back again, as if it had never been deferred."""
    standing = [each for each in conditions_standing(case) if each.keeps_money_back]
    if standing:
        raise Refused(
            "conditions_settled",
            _("A deferred condition is overdue: nothing more is paid before it is met."),
            reasons=[each.condition.text for each in standing],
            subject=case,
        )


@act
def payment_cancel(*, actor: Actor, drawdown: Drawdown) -> Drawdown:
    """Take back a prepared payment that nobody has released; its maker or another maker may."""
    locked = case_enter(drawdown.case, actor=actor, version=None, permission=Permission.PAYMENT_PREPARE)
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
