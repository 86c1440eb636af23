"""The checker releases: the same guards again, another person, a fresh factor; sending follows the commit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement import ports, rules
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.services.sending import instruction_of
from apps.disbursement.tasks import order_send_later
from apps.workflow.models import Facility
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock


@act
def payment_release(*, actor: Actor, drawdown: Drawdown, version: int) -> Drawdown:
    """Release a prepared payment; the order is sent by the worker after this has committed.

    The digest of the file that goes out is fixed here, so that nothing but what was released is ever sent.
    """
    locked = case_lock(drawdown.case, actor=actor, version=version)
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=drawdown.facility_id)
    current = Drawdown.objects.select_for_update(of=("self",)).select_related("payee", "order").get(pk=drawdown.pk)
    if current.state != DrawdownState.PREPARED:
        raise Refused(
            "state", _("This payment is not waiting for release."), subject=current, action=Event.RELEASE_PAYMENT
        )
    _check_netting(current, facility)
    moved = advance(
        locked,
        Event.RELEASE_PAYMENT,
        actor=actor,
        version=version,
        data={
            "facility": facility,
            "amount": current.amount,
            "payee": current.payee,
            "invoice": current.invoice,
            "drawdown": current,
        },
    )
    current.state = DrawdownState.RELEASED
    current.save(update_fields=["state"])
    order = PaymentOrder.objects.select_for_update(of=("self",)).get(drawdown=current)
    order.checker_id, order.released_at = actor.person_id, clock.now()
    order.sha256 = rules.digest(rules.pain_001(instruction_of(order)))
    order.save(update_fields=["checker", "released_at", "sha256"])
    record(
        Tag.ORDER_RELEASED,
        actor=actor,
        subject=current,
        case=moved,
        stage=moved.stage,
        note={"amount": str(order.amount), "sha256": order.sha256},
    )
    order_send_later(order, actor)
    return current


def _check_netting(drawdown: Drawdown, facility: Facility) -> None:
    """What settles the replaced loans changes by the day and with every repayment: a stale figure is not released."""
    if drawdown.netted and ports.to_net(facility, clock.today()) != drawdown.netted:
        raise Refused(
            "netting",
            _("What settles the old loan has changed since: take the payment back and prepare it anew."),
            subject=drawdown,
        )
