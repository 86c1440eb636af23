"""The checker releases: the same guards again, another person, a fresh factor; sending follows the commit.

What only settles old loans is settled in the books by the release itself: there is nothing to send.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.approval.decisions import Decision
from apps.approval.signoff import Challenge, Hand, challenge_new, challenge_spend, hand_of, signature_record, signed_by
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement import ports, rules
from apps.disbursement.decisions import refuse_by_code, release_to_sign
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder, ReleaseSignature
from apps.disbursement.selectors.paying import paying_account_needed
from apps.disbursement.services.confirming import bank_actor, drawdown_paid
from apps.disbursement.services.locking import refuse_frozen
from apps.disbursement.services.preparing import Draw, facts, refuse_conditions
from apps.disbursement.services.sending import instruction_of
from apps.disbursement.tasks import order_send_later
from apps.workflow.models import Facility, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock, case_unmoved

RELATED = ("payee__key_owner", "order__paying_account", "bill__case", "bill__key_owner", "facility", "case")


def payment_release(
    *, actor: Actor, drawdown: Drawdown, version: int, challenge: str = "", answer: str = ""
) -> Drawdown:
    """Release a prepared payment, signed; the order is sent by the worker after this has committed.

    ``challenge`` comes from ``release_prepare`` and binds the release to what was shown; it is spent first, then ``answer``,
    what a passkey signed over it, is taken. Without a challenge, for whoever saw no page, the decision is made here and now,
    and only a factor proved within five minutes stands for it. The digest of the file that goes out is fixed here, so that
    nothing but what was released is ever sent.
    """
    case_unmoved(drawdown.case, version=version)
    spent, shown = challenge_spend(actor=actor, sealed=challenge) if challenge else (challenge_new(), "")
    hand = hand_of(actor, shown, answer)
    return _released(actor=hand.actor, hand=hand, drawdown=drawdown, version=version, challenge=spent, shown=shown)


@act(tag="disbursement.payment_release")
def _released(
    *, actor: Actor, hand: Hand, drawdown: Drawdown, version: int, challenge: Challenge, shown: str
) -> Drawdown:
    locked = case_lock(drawdown.case, actor=actor, version=version)
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=drawdown.facility_id)
    current = Drawdown.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=drawdown.pk)
    if current.state != DrawdownState.PREPARED:
        raise Refused(
            "state", _("This payment is not waiting for release."), subject=current, action=Event.RELEASE_PAYMENT
        )
    decision = release_to_sign(current, actor, challenge)
    if shown and decision.fingerprint != shown:
        raise Refused("order_unchanged", CHANGED, subject=current, action=Event.RELEASE_PAYMENT)
    _check_netting(current, facility)
    draw = Draw(facility, current.amount, current.payee, current.purpose.words, current.bill)
    data = {**facts(draw, current.netted), "drawdown": current}
    moved = advance(locked, Event.RELEASE_PAYMENT, actor=actor, version=version, data=data)
    refuse_by_code(current, hand)
    refuse_conditions(moved)
    order = PaymentOrder.objects.select_for_update(of=("self",)).get(drawdown=current)
    _sign(moved, hand, current, order, decision)
    _release(moved, actor, current, order)
    if order.amount:
        order_send_later(order, actor)
    else:
        _book(moved, actor, current, order)
    return current


CHANGED = _("The payment has changed since you looked at it. Nothing was released: look at it again and sign anew.")


def _sign(case: LoanCase, hand: Hand, drawdown: Drawdown, order: PaymentOrder, decision: Decision) -> None:
    signed = signed_by(
        hand, decision.text, decision.fingerprint, subject=drawdown, action=Event.RELEASE_PAYMENT
    )  # fmt: skip
    signature = ReleaseSignature.objects.create(case=case, drawdown=drawdown, order=order, **signed)
    signature_record(hand, signature, case)


def _release(case: LoanCase, actor: Actor, drawdown: Drawdown, order: PaymentOrder) -> None:
    drawdown.state = DrawdownState.RELEASED
    drawdown.save(update_fields=["state"])
    order.checker_id, order.released_at = actor.person_id, clock.now()
    if order.amount:
        _check_account(order)
        order.sha256 = rules.digest(rules.pain_001(instruction_of(order)))
    order.save(update_fields=["checker", "released_at", "sha256"])
    record(
        Tag.ORDER_RELEASED,
        actor=actor,
        subject=drawdown,
        case=case,
        stage=case.stage,
        note={"amount": str(order.amount), "sha256": order.sha256},
    )


def _book(case: LoanCase, actor: Actor, drawdown: Drawdown, order: PaymentOrder) -> None:
    """Settle in the books, in the releasing act: the new loan opens today and the old ones are settled out of it, or neither."""
    refuse_frozen(case, hold=True)
    today = clock.today()
    drawdown.state, drawdown.value_on = DrawdownState.PAID, today
    drawdown.save(update_fields=["state", "value_on"])
    order.settled_at = clock.now()
    order.save(update_fields=["settled_at"])
    record(Tag.ORDER_BOOKED, actor=actor, subject=drawdown, case=case, note={"netted": str(drawdown.netted)})
    drawdown_paid(case, bank_actor(actor), drawdown, today)


def _check_netting(drawdown: Drawdown, facility: Facility) -> None:
    """What settles the replaced loans changes by the day and with every repayment: a stale figure is not released."""
    if drawdown.netted and ports.to_net(facility, clock.today()) != drawdown.netted:
        raise Refused(
            "netting",
            _("What settles the old loan has changed since: take the payment back and prepare it anew."),
            subject=drawdown,
        )


def _check_account(order: PaymentOrder) -> None:
    """The checker releases from the account that is in force; one that was replaced since pays nothing more."""
    own = paying_account_needed(order.currency, order)
    if order.paying_account_id != own.pk:
        raise Refused(
            "paying_account",
            _("The institution's paying account has changed since: take the payment back and prepare it anew."),
            subject=order,
        )
