"""Reads of requests: a borrower's own, and those that a member of staff may answer."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.access.roles import permissions_by
from apps.access.services import can
from apps.approval.models import DecisionReview
from apps.borrowers.acting import own_businesses
from apps.borrowers.models import Borrower, BorrowerAccess, PrivacyRequest
from apps.borrowers.selectors import pack_in_use
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.disbursement.selectors.scopes import without_excluded
from apps.portal.copying import speaks_for_business
from apps.portal.models import DataRequest
from apps.workflow.models import CaseBlock
from apps.workflow.services.reading import words_of

MOST, FEW = 100, 20
AskedT = TypeVar("AskedT", DataRequest, PrivacyRequest)


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request as the one who asked sees it."""

    row: DataRequest
    why: str


def requests_of(actor: Actor) -> dict[str, Any]:
    """Businesses a copy may be asked for, with whether one is asked for now, and the actor's requests, newest first."""
    rows = DataRequest.objects.filter(account_id=actor.account_id or 0, borrower_id__in=actor.borrower_ids)
    found = list(rows.select_related("borrower", "key_owner").order_by("-id")[:FEW])
    waiting = {row.borrower_id for row in found if row.decided_at is None}
    known = _known_at(actor)
    about = PrivacyRequest.objects.filter(account_id=actor.account_id or 0, borrower_id__in=actor.borrower_ids)
    firms = [(firm, firm.pk in waiting, firm.pk in known) for firm in own_businesses(actor)]
    return {
        "requests": [OwnRequest(row, words_of(row.why) if row.why else "") for row in found], "businesses": firms,
        "about": list(about.select_related("key_owner").order_by("-id")[:FEW]),
        "days": pack_in_use().clock("data_requested").days,
    }  # fmt: skip


def _known_at(actor: Actor) -> set[int]:
    """Businesses at which the bank knows which person the account is."""
    rows = BorrowerAccess.objects.filter(account_id=actor.account_id or 0, ended_at=None).exclude(party=None)
    return {row.borrower_id for row in rows if not row.is_open_claim}


def business_of(actor: Actor, pk: int) -> Borrower:
    """One of the actor's own businesses; raises ``NotVisible``."""
    found = own_businesses(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible(action=Permission.PORTAL_USE)
    return found


def own_request(actor: Actor, pk: int) -> DataRequest:
    """A request that the actor's account made; raises ``NotVisible``."""
    rows = DataRequest.objects.select_related("readable__owner", "data__owner", "borrower")
    found = rows.filter(pk=pk, account_id=actor.account_id or 0, borrower_id__in=actor.borrower_ids).first()
    if found is None:
        raise NotVisible(action=Permission.PORTAL_USE)
    return found


def requests_to_answer(actor: Actor) -> dict[str, Any]:
    """Open requests in the actor's scope, the nearest day first, and the last answered ones."""
    data = _scoped(actor, Permission.DATA_REQUEST_DECIDE, DataRequest.objects.select_related("borrower", "account"), "")
    looks = DecisionReview.objects.select_related("case__borrower", "step")
    reviews = _scoped(actor, Permission.DECISION_REVIEW, looks, "case__")
    return {
        "data_open": _soonest([leg.filter(decided_at=None) for leg in data]),
        "data_done": _newest([leg.exclude(decided_at=None) for leg in data]),
        "reviews_open": _soonest([leg.filter(reviewed_at=None) for leg in reviews]),
        "reviews_done": _newest([leg.exclude(reviewed_at=None) for leg in reviews]),
        "answers_data": can(actor, Permission.DATA_REQUEST_DECIDE).allowed,
        "answers_reviews": can(actor, Permission.DECISION_REVIEW).allowed, "today": clock.today(),
    }  # fmt: skip


def _scoped(actor: Actor, permission: Permission, rows: QuerySet[Any], path: str) -> list[QuerySet[Any]]:
    """The rows by leg of the actor's scope; businesses the actor is tied to stay out."""
    base = without_excluded(actor, rows, borrower=f"{path}borrower_id") if path else _untied(actor, rows)
    answering = [held for held in actor.held if permission in permissions_by(held)]
    if any(held.branch_ids is None for held in answering):
        return [base]
    branches = sorted({branch for held in answering for branch in held.branch_ids or ()})
    return [base.filter(**{f"{path or 'borrower__'}branch_id": branch}) for branch in branches]


def _untied(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    off = set(actor.tied_borrower_ids) | set(_blocked(actor).values_list("case__borrower_id", flat=True))
    return rows.exclude(borrower_id__in=off) if off else rows


def _blocked(actor: Actor) -> QuerySet[CaseBlock]:
    return CaseBlock.objects.filter(person_id=actor.person_id or 0).exclude(ends_at__lte=clock.now())


def _soonest(tops: Iterable[QuerySet[Any]]) -> list[Any]:
    return _merged([leg.order_by("due_on", "id")[:MOST] for leg in tops], lambda row: (row.due_on, row.pk), MOST)


def _newest(tops: Iterable[QuerySet[Any]]) -> list[Any]:
    return _merged([leg.order_by("-id")[:FEW] for leg in tops], lambda row: (-row.pk,), FEW)


def _merged(tops: list[QuerySet[Any]], key: Callable[[Any], tuple[Any, ...]], most: int) -> list[Any]:
    return list({row.pk: row for row in heapq.merge(*tops, key=key)}.values())[:most]


def request_get(actor: Actor, pk: int) -> DataRequest:
    """A request that the actor may answer; who is kept off a case of the business is kept off this too. Raises ``NotVisible``."""
    found = (
        DataRequest.objects.select_related("borrower__branch", "account", "party", "key_owner").filter(pk=pk).first()
    )
    return _answerable(actor, found)


def _answerable(actor: Actor, found: AskedT | None) -> AskedT:
    allowed = found is not None and can(actor, Permission.DATA_REQUEST_DECIDE, found.borrower).allowed
    if found is None or not allowed or _blocked(actor).filter(case__borrower=found.borrower).exists():
        raise NotVisible(subject=found, action=Permission.DATA_REQUEST_DECIDE)
    return found


def privacy_request_get(actor: Actor, uuid: UUID) -> PrivacyRequest:
    """What a borrower asks of their data, for who may answer it; raises ``NotVisible``."""
    rows = PrivacyRequest.objects.select_related("borrower__branch", "borrower__group", "key_owner", "account")
    return _answerable(actor, rows.filter(uuid=uuid).first())


def borrower_of_copy(pk: int) -> int | None:
    """The borrower of a request for a copy."""
    return DataRequest.objects.filter(pk=pk).values_list("borrower_id", flat=True).first()


def borrower_of_request(uuid: UUID) -> int | None:
    """The borrower of what is asked about data."""
    return PrivacyRequest.objects.filter(uuid=uuid).values_list("borrower_id", flat=True).first()


def request_shown(found: DataRequest) -> dict[str, Any]:
    """What the one who answers sees: who asks, masked, what the copy holds, and what was answered; never the copy itself."""
    return {
        "asked": found, "name": found.party.name.masked, "whole": speaks_for_business(found.party),
        "why": words_of(found.why) if found.why else "", "today": clock.today(),
    }  # fmt: skip
