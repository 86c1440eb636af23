"""Exports in the background: asked for on record, written beside everybody's work, kept encrypted, taken on record, gone in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, Model
from django.utils.translation import gettext_lazy as _

from apps.audit.agreements import agreement_of
from apps.audit.makings import asked_by, file_of, files_about, making
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.orders import order_note, order_of
from apps.audit.services.act import act
from apps.audit.services.exporting import FORMS, Export, export_noted, export_written
from apps.audit.services.recording import record, record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.vault import files
from apps.vault.services import installation_owner

JOB = "audit_export"
MOST_BYTES = 1 << 40


@act
def export_ask(*, actor: Actor, order: Order) -> AuditExport:
    """Put an export on record as asked for; the caller has checked permission and factor, and enqueues the job."""
    order.refuse_nonsense(FORMS)
    if order.in_clear:
        raise Refused("second_person", _("Nobody else has agreed to this export."), action=Tag.EXPORT_ASKED)
    asked = record(Tag.EXPORT_ASKED, actor=actor, purpose=order.purpose, note={"job": JOB, **order_note(order)})
    return AuditExport.objects.create(
        account=actor.account_id or 0, event=asked.pk, form=order.form, asked_at=clock.now()
    )


def export_run(number: int) -> None:
    """Write an export that waits; another worker's is left alone. What goes wrong is on record, and raised."""
    if not AuditExport.objects.filter(pk=number, state=ExportState.WAITING).update(state=ExportState.RUNNING):
        return
    row = AuditExport.objects.get(pk=number)
    asked = AuditEvent.objects.get(pk=row.event)
    order, body = order_of(asked), asked.data
    actor = Actor.system(
        "exports", channel="task", on_behalf_of=body.get("person"), on_behalf_name=body.get("name", "")
    )
    try:
        _count(row, order)
        agreed = agreement_of(row) if order.in_clear else None
        made = export_written(order, actor=actor, progress=lambda more: _move_on(row, more), agreed=agreed)
        with made.file:
            _keep(row, order, made, actor)
    except Exception:
        AuditExport.objects.filter(pk=number).update(state=ExportState.FAILED)
        with act(actor=actor):
            record(Tag.JOB_FAILED, actor=actor, outcome="failed", note={"job": JOB, "asked": row.event})
        raise


def _count(row: AuditExport, order: Order) -> None:
    events = AuditEvent.objects.filter(order.asked.condition(), order.scope.condition())
    if order.upto:
        events = events.filter(pk__lte=order.upto)
    AuditExport.objects.filter(pk=row.pk).update(total=events.count())


def _move_on(row: AuditExport, more: int) -> None:
    AuditExport.objects.filter(pk=row.pk).update(written=F("written") + more)


def _keep(row: AuditExport, order: Order, made: Export, actor: Actor) -> None:
    """Store the file and put the export on record, both or neither."""
    with act(actor=actor):
        kept = files.store(
            installation_owner(), made.file, name=made.name, content_type="application/zip", max_bytes=MOST_BYTES
        )
        if made.openings is not None:
            made.openings.refuse_outdated()
        export_noted(order, made, actor=actor, making=making(row, kept))
        AuditExport.objects.filter(pk=row.pk).update(
            state=ExportState.READY,
            written=made.manifest["rows"],
            total=made.manifest["rows"],
            file=kept,
            expires_at=clock.now() + dt.timedelta(days=settings.LOANFLOW_EXPORT_DAYS),
        )


def exports_of(actor: Actor, most: int = 50) -> list[AuditExport]:
    """The exports that the actor has asked for, newest first."""
    return list(AuditExport.objects.filter(account=actor.account_id or 0).select_related("file")[:most])


def export_take(*, actor: Actor, row: AuditExport) -> Iterator[bytes]:
    """Hand out the file of an export of the actor's own, on record; raises ``NotVisible`` for anybody else's, or an expired one.

    Whose it is, and which file, is what the log tells: who can write the table gets no other file by it.
    """
    ready = row.state == ExportState.READY and row.expires_at is not None and row.expires_at > clock.now()
    is_own = ready and actor.account_id == row.account == asked_by(row)
    file = file_of(row) if is_own else None
    if file is None:
        raise NotVisible(action=str(Tag.FILE_OPENED))
    purpose = order_of(AuditEvent.objects.get(pk=row.event)).purpose
    note = {"export": row.event, "sha256": file.sha256}
    record_read(Tag.FILE_OPENED, actor=actor, subject=file, purpose=purpose, note=note)
    return files.open_stream(file)


def exports_expire(actor: Actor) -> int:
    """Destroy the files of exports whose time is over, keys and bytes; returns how many. A file that the log does not know
    as this export's is left alone, and said so.
    """
    due = AuditExport.objects.filter(state=ExportState.READY, expires_at__lte=clock.now()).select_related("file")
    return sum(_expire(actor, row) for row in due)


def _expire(actor: Actor, row: AuditExport) -> bool:
    with act(actor=actor):
        file = file_of(row, unnamed=True)
        if file is not None:
            files.file_erase(file)
        AuditExport.objects.filter(pk=row.pk).update(state=ExportState.EXPIRED)
        note = {"job": "audit_export_expired", "asked": row.event}
        if file is None:
            record(Tag.JOB_FAILED, actor=actor, outcome="failed", guard="other_file", note=note)
        else:
            record(Tag.JOB_FINISHED, actor=actor, subject=file, note=note)
    return file is not None


def exports_of_forgotten_erase(about: Model) -> int:
    """Destroy the files of exports in clear that show anything of somebody who is being forgotten; returns how many.

    Inside the open act, which holds their row. The log tells which files these are, whatever the table of exports says.
    """
    due = files_about(about)
    for file in due:
        files.file_erase(file)
    AuditExport.objects.filter(file__in=due).update(state=ExportState.EXPIRED)
    return len(due)
