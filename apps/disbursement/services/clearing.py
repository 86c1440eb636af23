"""Takes payment files out of the bank's folder once they have served: they hold payee and account in clear."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.core.actor import Actor
from apps.disbursement import channel
from apps.disbursement.models import PaymentOrder
from apps.workflow.services import case_lock

SERVED = Q(settled_at__isnull=False) | Q(case__borrower__forgotten_at__isnull=False)
"""Orders whose files nobody needs any longer: answered by the bank, or of a forgotten borrower."""


def file_drop(order: PaymentOrder) -> None:
    """Erase an order's file once the open act has committed; what then fails is done by the clock's round."""
    if order.file_name:
        name = order.file_name
        transaction.on_commit(lambda: channel.erase(name), robust=True)


def files_clear(actor: Actor) -> int:
    """Erase files that lie there although their orders are answered or their borrower is forgotten; returns how many."""
    lying = channel.names()
    orders = PaymentOrder.objects.filter(SERVED, file_name__in=lying).select_related("case") if lying else ()
    for order in orders:
        _clear(actor=actor, order=order)
    return len(orders)


@act
def _clear(*, actor: Actor, order: PaymentOrder) -> None:
    case = case_lock(order.case, actor=actor, version=None)
    file_drop(order)
    record(Tag.ORDER_FILE_ERASED, actor=actor, subject=order, case=case, note={"file": order.file_name})


def files_of_forgotten(borrower: Borrower, _actor: Actor) -> Mapping[str, int]:
    """Erase the files of a borrower who is being forgotten, whatever the bank has said; inside the forgetting's act."""
    orders = list(PaymentOrder.objects.filter(case__borrower=borrower, file_name__in=channel.names()))
    for order in orders:
        file_drop(order)
    return {"payment_files": len(orders)}
