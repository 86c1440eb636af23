"""The checker releases: the same guards again, another person, a fresh factor; sending follows the commit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.tasks import order_send_later
from apps.workflow.models import Facility
from apps.workflow.process import Event
from apps.workflow.services import advance, case_lock


@act
def payment_release(*, actor: Actor, drawdown: Drawdown, version: int) -> Drawdown:
    """Release a prepared payment; the order is sent by the worker after this has committed."""
    locked = case_lock(drawdown.case, actor=actor, version=version)
    facility = Facility.objects.select_for_update(of=("self",)).get(pk=drawdown.facility_id)
    current = Drawdown.objects.select_for_update(of=("self",)).select_related("payee", "order").get(pk=drawdown.pk)
    if current.state != DrawdownState.PREPARED:
        raise Refused("state", _("This payment is not waiting for release."), subject=current, action=Event.RELEASE_PAYMENT)
    moved = advance(locked, Event.RELEASE_PAYMENT, actor=actor, version=version, data={
        "facility": facility, "amount": current.amount, "payee": current.payee, "invoice": current.invoice, "drawdown": current,
    })
    current.state = DrawdownState.RELEASED
    current.save(update_fields=["state"])
    order = PaymentOrder.objects.select_for_update(of=("self",)).get(drawdown=current)
    order.checker_id, order.released_at = actor.person_id, clock.now()
    order.save(update_fields=["checker", "released_at"])
    record(Tag.ORDER_RELEASED, actor=actor, subject=current, case=moved, stage=moved.stage, note={"amount": str(current.amount)})
    order_send_later(order, actor)
    return current
