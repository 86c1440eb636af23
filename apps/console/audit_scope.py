"""Which part of the log a reader may see: the one answer that every page, count, export and review of the log asks for.

A role that holds the permission reads its domains, in its branches; one that is bound to engagements reads what those in force
name, between their days. Several roles add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.roles import EVERYTHING, LOG_DOMAINS, Role, permissions_by
from apps.audit.domains import Domain
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.orders import order_of
from apps.audit.scope import WHOLE_LOG, Scope, united
from apps.audit.selectors import EventFilter, are_more_than
from apps.audit.touched import key_of
from apps.borrowers.models import Borrower
from apps.core.actor import Actor, HeldRole
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.memory import remembered
from apps.core.permissions import Permission
from apps.workflow.models import Engagement, LoanCase
from apps.workflow.selectors.engagements import PLACES, Shown, engagements_live, engagements_of, may_manage, places_of


def events_visible_to(actor: Actor, permission: Permission = Permission.AUDIT_VIEW) -> QuerySet[AuditEvent]:
    """Events that the actor may read."""
    return AuditEvent.objects.filter(scope_of(actor, permission).condition())


def scope_of(actor: Actor, permission: Permission) -> Scope:
    """The part of the log that a permission reaches; nothing for who does not hold it."""
    holding = [held for held in actor.held if permission in permissions_by(held)]
    return united(part for held in holding for part in _parts(actor, held))


def reads_everything(actor: Actor, permission: Permission = Permission.AUDIT_VIEW) -> bool:
    """Tell whether a permission reaches the whole log."""
    return scope_of(actor, permission) == WHOLE_LOG


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the explorer says of the reader's part: whether it is all, its domains, its engagements, which counts it fills."""

    everything: bool
    domains: Sequence[str]
    engagements: Sequence[Shown]
    of_borrowers: bool
    of_the_log: bool
    may_engage: bool


def bounds_of(actor: Actor, scope: Scope) -> Bounds:
    """Put a reader's part of the log into words; who is engaged is told by what."""
    kinds = [each for each in Domain if scope.reaches(each)]
    narrowed = [] if len(kinds) == len(Domain) else [str(each.label) for each in kinds]
    engaged = any(held.engaged for held in actor.held)
    mine = [each for each in engagements_of(actor, own=True) if each.row.is_live] if engaged else []
    return Bounds(
        reads_everything(actor), narrowed, mine, scope.reaches(Domain.BORROWERS), scope.reaches(Domain.LOG),
        engaged or may_manage(actor),
    )  # fmt: skip


def refuse_part_readers(actor: Actor) -> None:
    """Raise ``Refused`` for who may not read the whole log: nobody signs for what is not shown to them."""
    if all(reads_everything(actor, each) for each in (Permission.AUDIT_VIEW, Permission.AUDIT_REVIEW)):
        return
    raise Refused(
        "scope", _("Only who may read the whole log reviews it."), action=Permission.AUDIT_REVIEW,
        who_can=_("Auditors and compliance officers whose role covers all branches and all of the log"),
    )  # fmt: skip


def refuse_elsewhere(asked: EventFilter, scope: Scope) -> None:
    """Raise ``BadInput`` for a question about what lies beyond a reader's part: a proof that there is none tells who there is."""
    named = EventFilter(object=asked.object, case=asked.case, cases=asked.cases)
    if scope != WHOLE_LOG and (asked.object or asked.case) and not are_more_than(0, named, scope=scope):
        raise BadInput({"about": [_("There is nothing about this in your branches.")]})


def refuse_outgrown(actor: Actor, export: AuditExport) -> None:
    """Raise ``NotVisible`` for an export that holds more of the log than its asker may export now."""
    order = order_of(AuditEvent.objects.get(pk=export.event))
    if not scope_of(actor, Permission.AUDIT_EXPORT).covers(order.scope):
        raise NotVisible(action=Permission.AUDIT_EXPORT)


def _parts(actor: Actor, held: HeldRole) -> list[Scope]:
    domains = LOG_DOMAINS.get(Role(held.role), frozenset())
    narrowed = None if domains == EVERYTHING else frozenset(each.value for each in domains)
    if not domains:
        return []
    if held.engaged:
        return _engaged(actor.person_id or 0)
    return [Scope(branches=held.branch_ids, domains=narrowed)]


@remembered
def _engaged(person_id: int) -> list[Scope]:
    """A part for each engagement in force: its places, between its days."""
    return [_of(each) for each in engagements_live(person_id).prefetch_related(PLACES)]


def _of(engagement: Engagement) -> Scope:
    named = places_of(engagement)
    cases = LoanCase.objects.filter(pk__in=named.cases) | LoanCase.objects.filter(borrower_id__in=named.borrowers)
    return Scope(
        branches=named.branches,
        cases=frozenset(cases.values_list("number", flat=True)) if named.cases or named.borrowers else frozenset(),
        objects=frozenset(key_of(Borrower, str(pk)) for pk in named.borrowers),
        since=engagement.since,
        until=engagement.until,
    )
