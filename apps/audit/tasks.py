"""Exports are written by a task worker; the task table holds a number only."""

from __future__ import annotations

from django_tasks import task

from apps.audit.manifest import Order
from apps.audit.models import AuditExport
from apps.audit.services.act import act
from apps.audit.services.agreeing import clear_agree, clear_ask
from apps.audit.services.exports import export_ask, export_run
from apps.core.actor import Actor


@task()
def export_make(number: int) -> None:
    """Write an export."""
    export_run(number)


@act
def export_order(*, actor: Actor, order: Order) -> AuditExport:
    """Ask for an export and enqueue its job: both commit, or neither. One in clear waits for another person instead."""
    if order.in_clear:
        return clear_ask(actor=actor, order=order)
    row = export_ask(actor=actor, order=order)
    export_make.enqueue(row.pk)
    return row


@act
def export_agree(*, actor: Actor, row: AuditExport) -> AuditExport:
    """Agree to an export in clear and enqueue its job: both commit, or neither."""
    agreed = clear_agree(actor=actor, row=row)
    export_make.enqueue(agreed.pk)
    return agreed
