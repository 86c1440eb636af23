"""The second person of an export in clear: who may answer which request, and the answer."""

from __future__ import annotations

import dataclasses
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.access.actors import actor_of
from apps.access.services import authorize, can
from apps.accounts.models import Account
from apps.audit.agreements import askers_of
from apps.audit.manifest import Order
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.orders import events_of, order_of
from apps.audit.selectors import Scope
from apps.audit.services import act
from apps.audit.services.agreeing import CHANGED, clear_decline
from apps.audit.tags import Tag
from apps.audit.tasks import export_agree
from apps.borrowers.models import Borrower
from apps.console.audit_scope import scope_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission

READS = (Permission.AUDIT_UNMASK, Permission.AUDIT_VIEW, Permission.BORROWER_REVEAL)
"""What the second person holds over all that the export covers: nobody agrees to what they may not read themselves."""
EXPORT = Permission.AUDIT_EXPORT
MOST = 50
BORROWER = f"{Borrower._meta.db_table}:"


@dataclasses.dataclass(frozen=True, slots=True)
class ClearRequest:
    """A request that waits: its row, what it asks for, whose it is, and whether it is the reader's own."""

    row: AuditExport
    order: Order
    requester: str
    is_own: bool


def clear_requests(actor: Actor) -> list[ClearRequest]:
    """Requests that wait and whose whole scope the actor may read in clear, the nearest to lapsing first."""
    rows = list(
        AuditExport.objects.filter(state=ExportState.ASKED, answer_by__gt=clock.now()).order_by("answer_by")[:MOST]
    )
    asked = events_of(row.event for row in rows)
    found = [_request(row, asked[row.event], actor) for row in rows]
    return [each for each in found if may_answer(actor, each.order.scope)]


def clear_request(actor: Actor, uuid: UUID) -> ClearRequest:
    """One of them; ``NotVisible`` for one that is unknown, or that the actor may not answer."""
    row = AuditExport.objects.filter(uuid=uuid).exclude(answer_by=None).first()
    if row is None:
        raise NotVisible(action=Tag.CLEAR_AGREED)
    found = _request(row, events_of([row.event])[row.event], actor)
    _refuse_outsiders(actor, found)
    return found


def _refuse_outsiders(actor: Actor, found: ClearRequest) -> None:
    """Raise for who may not read in clear all that the export covers, or is tied to the borrower that it asks about."""
    authorize(actor, Permission.AUDIT_UNMASK)
    if not may_answer(actor, found.order.scope):
        raise NotVisible(action=Tag.CLEAR_AGREED)
    borrower = _borrower_of(found.order)
    if borrower is not None:
        authorize(actor, Permission.BORROWER_REVEAL, borrower)


def _refuse_changed(found: ClearRequest, asked: int) -> None:
    """Raise where the row speaks of another request than the one that was shown: its table is no evidence of what one agreed to."""
    if found.row.event != asked:
        raise Refused("changed", CHANGED, action=Tag.CLEAR_AGREED)


def _refuse_without_asker(found: ClearRequest) -> None:
    """Raise where whoever asked may no longer export what they asked for: both stand behind it when it is agreed to."""
    number = events_of([found.row.event])[found.row.event].data.get("account", 0)
    account = Account.objects.filter(pk=number, is_active=True).first()
    asker = actor_of(account) if account is not None else None
    if asker is None or not can(asker, EXPORT) or not scope_of(asker, EXPORT).covers(found.order.scope):
        words = _("Whoever asked may no longer export this part of the log. Refuse it, or let it lapse.")
        raise Refused("asker", words, action=Tag.CLEAR_AGREED)


def may_answer(actor: Actor, scope: Scope) -> bool:
    """Tell whether everything that the second person needs reaches the whole scope."""
    return all(scope_of(actor, each).covers(scope) for each in READS)


def _request(row: AuditExport, asked: AuditEvent, actor: Actor) -> ClearRequest:
    return ClearRequest(row, order_of(asked), str(asked.data["name"]), actor.person_id in askers_of(asked))


@act
def clear_export_agree(*, actor: Actor, found: ClearRequest, asked: int) -> AuditExport:
    """Agree to what the event ``asked`` asks for, which the reader was shown: the export is written then."""
    _refuse_changed(found, asked)
    _refuse_outsiders(actor, found)
    _refuse_without_asker(found)
    return export_agree(actor=actor, row=found.row)


@act
def clear_export_decline(*, actor: Actor, found: ClearRequest, asked: int) -> AuditExport:
    """Refuse what the event ``asked`` asks for."""
    _refuse_changed(found, asked)
    _refuse_outsiders(actor, found)
    return clear_decline(actor=actor, row=found.row)


def _borrower_of(order: Order) -> Borrower | None:
    named = order.asked.object.removeprefix(BORROWER)
    return Borrower.objects.filter(pk=int(named)).first() if named.isdigit() else None
