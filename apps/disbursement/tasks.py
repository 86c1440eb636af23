"""Sending in the background: an enqueued task commits or rolls back with the release that asked for it."""

from __future__ import annotations

from django_tasks import task

from apps.core.actor import Actor
from apps.disbursement.models import PaymentOrder
from apps.disbursement.services import sending


@task()
def send_order(order_id: int, released_by: str) -> None:
    """Send a released order on behalf of who released it."""
    order = PaymentOrder.objects.select_related("case__borrower__group", "drawdown").get(pk=order_id)
    sending.order_send(actor=Actor.system("payments", channel="task", on_behalf_name=released_by), order=order)


def order_send_later(order: PaymentOrder, actor: Actor) -> None:
    """Enqueue the sending in the releasing act's transaction."""
    send_order.enqueue(order.pk, actor.name)
