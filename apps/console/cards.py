"""Cards of the first page: what waits for the actor, all counted by one statement, and how the log stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.roles import permissions_by, permissions_held
from apps.audit.domains import Domain
from apps.audit.models import AuditEvent
from apps.audit.overview import last_verified
from apps.console.audit_scope import scope_of
from apps.console.waits import WAITS, Wait
from apps.core import clock, times, unions
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.workflow.selectors.scope import blocked_cases

MOST_CARDS = 4
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Card:
    """One tile: words, a count or a short answer, and the page behind it."""

    label: Any
    url: str
    count: int = 0
    words: str = ""
    bad: bool = False


def cards_of(actor: Actor) -> list[Card]:
    """Cards of what the actor's permissions answer for; two queries, one more for who reads the log."""
    held = permissions_held(actor.held)
    scope = scope_of(actor, Permission.AUDIT_VIEW)
    wanted = [wait for wait in WAITS if not held.isdisjoint(wait.needs) and held.isdisjoint(wait.but)]
    wanted = [wait for wait in wanted if wait.domain is None or scope.reaches(wait.domain)]
    log = [_log()] if Permission.AUDIT_VIEW in held and scope.reaches(Domain.LOG) else []
    asked = [wait for wait in wanted if wait.asks]
    wanted = [wait for wait in wanted if not wait.asks][: MOST_CARDS - len(log)]
    if not wanted and not asked:
        return log
    off = blocked_cases(actor.person_id or 0)
    counts = unions.counts({wait.name: _legs(actor, wait, off) for wait in (*asked, *wanted)}, MOST_COUNTED)
    waiting = [wait for wait in asked if counts[wait.name]]
    return [*(_card(wait, counts[wait.name]) for wait in (*waiting, *wanted)), *log]


def _card(wait: Wait, count: int) -> Card:
    query = f"?{wait.query.format(today=clock.today())}" if wait.query else ""
    return Card(wait.label, reverse(wait.page) + query, count, bad=wait.bad and count > 0)


def _log() -> Card:
    """When the log was verified last, and what was found."""
    verified, url = last_verified(), reverse("console:audit")
    if verified is None or verified.at is None:
        return Card(_("Integrity of the log"), url, words=_("never verified"), bad=True)
    when = times.relative(verified.at, clock.now())
    words = _("intact, %(when)s") if verified.intact else _("NOT intact, %(when)s")
    return Card(_("Integrity of the log"), url, words=words % {"when": when}, bad=not verified.intact)


def _legs(actor: Actor, wait: Wait, off: list[int]) -> list[QuerySet[Any, Any]]:
    """Rows of a count, a leg for each branch whose roles answer for it; the actor's own businesses stay out."""
    rows = wait.rows(actor)
    if rows.model is AuditEvent:
        rows = rows.filter(scope_of(actor, Permission.AUDIT_VIEW).condition())
    if wait.case is None:
        return [_sliced(rows)]
    if off:
        rows = rows.exclude(**{f"{wait.case}pk__in": off})
    if actor.tied_borrower_ids:
        rows = rows.exclude(**{f"{wait.case}borrower_id__in": actor.tied_borrower_ids})
    return [_sliced(rows.filter(leg)) for leg in _branches(actor, wait)]


def _branches(actor: Actor, wait: Wait) -> list[Q]:
    holding = [held for held in actor.held if not permissions_by(held).isdisjoint(wait.needs)]
    if any(held.branch_ids is None for held in holding):
        return [Q()]
    branches = sorted({branch for held in holding for branch in held.branch_ids or ()})
    return [Q(**{f"{wait.case}branch_id": branch}) for branch in branches]


def _sliced(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    return rows.order_by().values_list("pk")[:MOST_COUNTED]
