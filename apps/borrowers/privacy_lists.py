"""Reads of what is kept: who is due, what waits for a second person, what borrowers ask, and what holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.services import authorize, can
from apps.borrowers.keeping import LEAST, MONTHS, borrowers_due, may_set_rules, what_keeps
from apps.borrowers.models import Borrower, ForgetRequest, LegalHold, PrivacyRequest, RetentionRule
from apps.borrowers.selectors import legs
from apps.core import clock
from apps.core.actor import Actor
from apps.core.classes import DataClass
from apps.core.errors import NotVisible
from apps.core.permissions import Permission

MOST = 50


def privacy_overview(actor: Actor) -> dict[str, Any]:
    """Everything of the page, within the actor's branches, each list with the nearest first; who is due, with who has been the longest."""
    authorize(actor, Permission.PRIVACY_VIEW)
    due = borrowers_due(Borrower.objects.filter(_scope(actor))).exclude(
        Exists(ForgetRequest.objects.filter(borrower=OuterRef("pk"), decided_at=None))
    )
    waiting = _seen(actor, ForgetRequest.objects.filter(decided_at=None)).select_related("borrower__branch")
    done = _seen(actor, ForgetRequest.objects.exclude(decided_at=None)).select_related("borrower__branch")
    asked = _seen(actor, PrivacyRequest.objects.filter(decided_at=None)).select_related("borrower__branch", "account")
    holds = _seen(actor, LegalHold.objects.filter(lifted_at=None)).select_related("borrower__branch", "key_owner")
    return {
        "due": list(due.select_related("branch").order_by("created_at", "id")[:MOST]),
        "waiting": list(waiting.order_by("id")[:MOST]), "done": list(done.order_by("-decided_at")[:MOST]),
        "asked": list(asked.order_by("due_on", "id")[:MOST]), "holds": list(holds.order_by("id")[:MOST]),
        "rules": retention_rules(), "today": clock.today(), "own_id": actor.person_id,
        **{name: can(actor, permission).allowed for name, permission in RIGHTS.items()}, "may_set": may_set_rules(actor),
    }  # fmt: skip


RIGHTS = {
    "may_ask": Permission.FORGET_ASK, "may_approve": Permission.FORGET_APPROVE, "may_hold": Permission.HOLD_MANAGE,
    "may_answer": Permission.DATA_REQUEST_DECIDE,
}  # fmt: skip


def retention_rules() -> list[dict[str, Any]]:
    """The rule of every class that has one, or its default."""
    set_rules = {rule.data_class: rule for rule in RetentionRule.objects.all()}
    return [
        {"data_class": each, "months": set_rules[each].months if each in set_rules else MONTHS[each],
         "basis": set_rules[each].get_basis_display() if each in set_rules else "", "least": LEAST[each]}
        for each in DataClass if each in MONTHS
    ]  # fmt: skip


def privacy_of(borrower: Borrower) -> dict[str, Any]:
    """What the borrower's own page shows of it. Few queries, as it stands on a busy page."""
    hold = LegalHold.objects.filter(borrower=borrower, lifted_at=None).select_related("key_owner").first()
    asked = ForgetRequest.objects.filter(borrower=borrower, decided_at=None).first()
    return {"borrower": borrower, "hold": hold, "asked": asked}


def forget_get(actor: Actor, uuid: UUID) -> tuple[ForgetRequest, list[Any]]:
    """A request to forget, with what keeps the borrower now; raises ``NotVisible``."""
    found = ForgetRequest.objects.select_related("borrower__branch", "borrower__group").filter(uuid=uuid).first()
    if found is None or not can(actor, Permission.FORGET_APPROVE, found.borrower).allowed:
        raise NotVisible(subject=found, action=Permission.FORGET_APPROVE)
    return found, what_keeps(found.borrower)


def hold_get(actor: Actor, uuid: UUID) -> LegalHold:
    """A hold that stands; raises ``NotVisible``."""
    rows = LegalHold.objects.select_related("borrower__branch", "borrower__group", "key_owner")
    found = rows.filter(uuid=uuid, lifted_at=None).first()
    if found is None or not can(actor, Permission.HOLD_MANAGE, found.borrower).allowed:
        raise NotVisible(subject=found, action=Permission.HOLD_MANAGE)
    return found


def _scope(actor: Actor, prefix: str = "") -> Q:
    """Borrowers of the actor's branches; those the actor is tied to stay out."""
    scope = Q(pk__in=())
    for leg in legs(actor, prefix, Permission.PRIVACY_VIEW):
        scope |= leg
    return scope & ~Q(**{f"{prefix}pk__in": actor.tied_borrower_ids})


def _seen(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(_scope(actor, "borrower__"))
