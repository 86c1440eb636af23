"""Exports are written by a task worker; the task table holds a number only."""

from __future__ import annotations

from django_tasks import task

from apps.audit.manifest import Order
from apps.audit.models import AuditExport
from apps.audit.services.act import act
from apps.audit.services.exports import export_ask, export_run
from apps.core.actor import Actor


@task()
def export_make(number: int) -> None:
    """Write an export."""
    export_run(number)


@act
def export_order(*, actor: Actor, order: Order) -> AuditExport:
    """Ask for an export and enqueue its job: both commit, or neither."""
    row = export_ask(actor=actor, order=order)
    export_make.enqueue(row.pk)
    return row
