"""Guards of the process table that disbursement answers for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.selectors.memos import memo_live
from apps.audit.behind import people_behind
from apps.audit.tags import Tag
from apps.core import clock, figures
from apps.core.actor import Actor
from apps.disbursement import rules
from apps.disbursement.models import Drawdown, DrawdownState
from apps.disbursement.selectors import conditions_standing, contract_live, room_of, signing_open, witness_open
from apps.disbursement.selectors.invoices import invoice_gaps
from apps.workflow import registry
from apps.workflow.models import FacilityState, LoanCase
from apps.workflow.registry import guard

Facts = Mapping[str, Any]
DRAWABLE = (FacilityState.APPROVED, FacilityState.ACTIVE)
OUT = (DrawdownState.RELEASED, DrawdownState.PAYING, DrawdownState.PAID, DrawdownState.IN_DOUBT)


def _unless(holds: bool, sentence: Any) -> list[Any]:
    return [] if holds else [sentence]


@guard("contract_sealed", _("The contract is drawn up and sealed"))
def contract_sealed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """A live contract that was drawn up from the memo that stands."""
    contract, memo = contract_live(case), memo_live(case)
    fits = contract is not None and memo is not None and contract.memo_digest == memo.digest
    return _unless(fits, _("Draw up the contract from the approved terms."))


@guard("parties_signed", _("Every party has signed"))
def parties_signed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Nobody on the signing list is missing, and the second witness has confirmed each signature."""
    contract = contract_live(case)
    if contract is None:
        return [_("No contract has been drawn up yet.")]
    missing, unconfirmed = signing_open(contract).count(), witness_open(contract).count()
    return [
        *_unless(not missing, _("Signatures missing on the contract: %(count)s.") % {"count": missing}),
        *_unless(
            not unconfirmed,
            _("Signatures that wait for the second witness: %(count)s.") % {"count": unconfirmed},
        ),
    ]


@guard("conditions_settled", _("Every condition before payout is accepted, waived or deferred"))
def conditions_settled(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Names each condition that still keeps the money back."""
    return [
        _("Not met: %(text)s") % {"text": each.condition.text}
        for each in conditions_standing(case)
        if each.keeps_money_back
    ]


@guard("within_approved", _("The amount stays within what was approved"), standing=False)
def within_approved(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Drawn, on its way and this together are at most the approved amount."""
    facility, amount = facts.get("facility"), facts.get("amount")
    if facility is None or amount is None or facility.case_id != case.pk:
        return [_("Name the facility and the amount.")]
    room = room_of(facility, without=facts.get("drawdown"))
    return _unless(
        amount <= room,
        _("Only %(room)s of the approved amount is left.") % {"room": figures.amount(room, facility.currency)},
    )


@guard("inside_availability", _("The facility is still available"), standing=False)
def inside_availability(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The facility is neither closed nor cancelled and its availability period has not ended."""
    facility = facts.get("facility")
    if facility is not None and facility.state not in DRAWABLE:
        return [_("The facility is closed.")]
    open_now = facility is not None and rules.is_available(facility.available_until, clock.today())
    return _unless(open_now, _("The availability period of the facility has ended."))


@guard("payee_verified", _("The payee's account is verified"), standing=False)
def payee_verified(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The borrower's verified account, or the supplier's on an evidenced invoice that bears its name and so much unpaid."""
    payee = facts.get("payee")
    if payee is None or payee.borrower_id != case.borrower_id or payee.closed_at is not None:
        return [_("Choose an account of this borrower.")]
    lines = _unless(payee.verified_at is not None, _("The account has not been verified by a second person."))
    if payee.verified_by_id in actor.persons or people_behind(payee, Tag.BANK_ACCOUNT_VERIFIED) & actor.persons:
        lines.append(_("You verified this account yourself: another person pays to it."))
    if not payee.is_supplier:
        return lines
    pays, currency = facts.get("pays", Decimal(0)), facts["facility"].currency
    return lines + invoice_gaps(payee, facts.get("invoice"), pays, currency, without=facts.get("drawdown"))


@guard("retested", _("Bureau report and valuation are still fresh"), standing=False)
def retested(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The review's and the valuation's own freshness, asked again on the day of payment."""
    names = ["bureau_fresh", "valuation_fresh"] if case.is_secured else ["bureau_fresh"]
    return [line for name in names for line in registry.guards[name].check(case, actor, {})]


@guard("nothing_changed", _("Nothing that was signed has changed since"), standing=False)
def nothing_changed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The concluded contract rests on the memo that stands."""
    contract, memo = contract_live(case), memo_live(case)
    same = (
        contract is not None
        and memo is not None
        and contract.concluded_at is not None
        and contract.memo_digest == memo.digest
    )
    return _unless(same, _("The contract no longer matches the approval: return the case to approval."))


@guard("another_prepared", _("Another person prepared the payment"), standing=False)
def another_prepared(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Maker and checker are two people."""
    drawdown = facts.get("drawdown")
    another = drawdown is not None and drawdown.order.maker_id not in actor.persons
    return _unless(another, _("You prepared this payment yourself: another person releases it."))


@guard("nothing_released", _("No payment is released"), standing=False)
def nothing_released(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """No order is released, on its way or paid."""
    released = Drawdown.objects.filter(case=case, state__in=OUT).exists()
    return _unless(not released, _("A payment has been released already."))
