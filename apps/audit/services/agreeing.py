"""Exports in clear: one person asks, another agrees or refuses within a time, and what nobody answered lapses."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.audit.agreements import askers_of
from apps.audit.canonical import moment
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.orders import order_note, order_of
from apps.audit.services.act import act
from apps.audit.services.exporting import FORMS
from apps.audit.services.exports import JOB
from apps.audit.services.recording import record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused, StepUpNeeded

CHANGED = _("This request is not the one that you were shown. Look at it again.")


@act
def clear_ask(*, actor: Actor, order: Order) -> AuditExport:
    """Ask for an export in clear: nothing is written before another person agrees. The caller has checked permission and factor."""
    order.refuse_nonsense(FORMS)
    if actor.person_id is None:
        raise Refused("person", _("Only a person asks for an export in clear."), action=Tag.CLEAR_ASKED)
    until = clock.now() + dt.timedelta(hours=settings.LOANFLOW_CLEAR_HOURS)
    note = {"job": JOB, **order_note(order), "answer_by": moment(until)}
    asked = record(Tag.CLEAR_ASKED, actor=actor, purpose=order.purpose, note=note)
    return AuditExport.objects.create(
        account=actor.account_id or 0, event=asked.pk, form=order.form, asked_at=clock.now(), state=ExportState.ASKED,
        answer_by=until,
    )  # fmt: skip


@act
def clear_agree(*, actor: Actor, row: AuditExport) -> AuditExport:
    """Agree as the second person, with a fresh factor; the caller has checked permission and scope, and enqueues the job.

    ``row`` is the request as its reader saw it: one that speaks of something else by now is refused.
    """
    return _answered(actor, row, Tag.CLEAR_AGREED, ExportState.WAITING)


@act
def clear_decline(*, actor: Actor, row: AuditExport) -> AuditExport:
    """Refuse as the second person; the caller has checked permission and scope."""
    return _answered(actor, row, Tag.CLEAR_DECLINED, ExportState.REFUSED)


def _answered(actor: Actor, row: AuditExport, tag: Tag, state: ExportState) -> AuditExport:
    held = AuditExport.objects.select_for_update().get(pk=row.pk)
    asked = AuditEvent.objects.get(pk=held.event)
    if held.state != ExportState.ASKED:
        raise Refused("answered", _("This request is answered already."), action=tag)
    if held.event != row.event:
        raise Refused("changed", CHANGED, action=tag)
    if held.answer_by is None or held.answer_by <= clock.now():
        raise Refused("lapsed", _("The time to answer this request is over. It has to be asked for anew."), action=tag)
    if actor.person_id is None or actor.person_id in askers_of(asked):
        words = _("You asked for it yourself: another person has to answer.")
        raise Refused("second_person", words, action=tag)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(action=tag)
    order = order_of(asked)
    note = {"asked": asked.pk, "requester": asked.data["name"], "recipient": order.recipient}
    held.answer, held.state = record(tag, actor=actor, purpose=order.purpose, note=note).pk, state
    held.save(update_fields=["answer", "state"])
    return held


def clears_lapse(actor: Actor) -> int:
    """Close the requests that nobody answered in time; returns how many."""
    due = AuditExport.objects.filter(state=ExportState.ASKED, answer_by__lte=clock.now())
    return sum(_lapse(actor, number) for number in due.values_list("pk", flat=True))


def _lapse(actor: Actor, number: int) -> bool:
    with act(actor=actor):
        row = AuditExport.objects.select_for_update().get(pk=number)
        if row.state != ExportState.ASKED:
            return False
        row.answer = record(Tag.CLEAR_LAPSED, actor=actor, note={"asked": row.event}).pk
        row.state = ExportState.LAPSED
        row.save(update_fields=["answer", "state"])
    return True
