"""What pages of everybody may show: announcements, the offer of a tour, and its present stop. Asked for only where drawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.core.actor import Actor
from apps.portal.announcements import shown_to
from apps.portal.touring import Shown, progress_of, shown_at


def announcements(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``announcements`` for the reader now."""
    return {"announcements": SimpleLazyObject(lambda: shown_to(getattr(request, "actor", None)))}


def tour(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``tour``, the stop that this page shows, and ``tour_offer`` for who has not put the tour away."""
    return {"tour": SimpleLazyObject(lambda: _stop(request)), "tour_offer": SimpleLazyObject(lambda: _offer(request))}


def _reader(request: HttpRequest) -> Actor | None:
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) and (actor.is_person or actor.is_borrower) else None


def _stop(request: HttpRequest) -> Shown | None:
    actor, match = _reader(request), request.resolver_match
    if actor is None or match is None or "tour" not in request.GET:
        return None
    return shown_at(actor, request.GET["tour"], match.view_name)


def _offer(request: HttpRequest) -> dict[str, int] | None:
    actor = _reader(request)
    if actor is None or not actor.held or "tour" in request.GET:
        return None
    found = progress_of(actor)
    return (
        None if found is not None and found.ended_at is not None else {"stop": found.stop if found is not None else 1}
    )
