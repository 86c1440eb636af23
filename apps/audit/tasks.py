"""Exports are written by a task worker; the task table holds a number only."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.services.act import act
from apps.audit.services.agreeing import clear_agree, clear_ask
from apps.audit.services.exports import export_ask, export_run
from apps.audit.services.retiring import agreed_waiting, may_remove, stretch_agree, stretch_retire
from apps.core.actor import Actor

SEALED_AFTER = 4  # intervals


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


@task()
def stretches_retire(channel: str = "task") -> None:
    """Carry out what was agreed to, unless that is left to the sealer's own role, which runs ``manage.py audit_retire``."""
    if may_remove():
        for each in agreed_waiting():
            stretch_retire(actor=retirer_actor(channel), asked=each.proposed.pk)


def retirer_actor(channel: str = "task") -> Actor:
    """The principal under which stretches go."""
    return Actor.system("retirer", channel=channel)


@act
def retirement_agree(*, actor: Actor, asked: int) -> AuditEvent:
    """Agree that a stretch retires and enqueue the job: both commit, or neither. It waits until the agreement is sealed."""
    agreed = stretch_agree(actor=actor, asked=asked)
    stretches_retire.using(
        run_after=timezone.now() + dt.timedelta(seconds=SEALED_AFTER * settings.LOANFLOW_SEAL_INTERVAL)
    ).enqueue()
    return agreed
