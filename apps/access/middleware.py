"""Two gates of every request: who acts (``request.actor``), and whether the view's mark lets them in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.access import gate
from apps.access.actors import actor_of, deputising
from apps.access.delegations import Standing, standing_of
from apps.accounts import browser, demo
from apps.accounts.claims import claimant
from apps.accounts.models import SessionRecord
from apps.accounts.rules import SessionState, session_state
from apps.accounts.services.sessions import session_end, session_moved, session_seen
from apps.accounts.whereabouts import Answer, Whereabouts, answer_to
from apps.core import clock
from apps.core.actor import Actor, Factor

GetResponse = Callable[[HttpRequest], HttpResponse]
ENDED = "ended"
MOVED = "moved"
"""Why a session ended that was used from elsewhere."""
ACTING = "acting_for"
"""Key of a session that holds which delegation it acts with."""


class ActorMiddleware:
    """Builds ``request.actor`` from a live session, and ends sessions that were idle or open too long."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Set ``request.actor``, ``stranger``, ``session_record`` and ``step_account``; pass on."""
        request.stranger = stranger = Actor.anonymous(
            address=getattr(request, "client_address", ""), device=request.headers.get("User-Agent", "")[:120],
            request_id=getattr(request, "request_id", ""),
        )  # fmt: skip
        request.session_record = record = live_record(request, stranger)
        request.step_account = browser.step_account(request) if record is None else None
        request.actor = claimant(stranger, request.step_account) if record is None else signed_in(record, stranger)
        request.standing = standing = None if record is None else standing_in(request, record)
        if standing is not None:
            request.actor = deputising(request.actor, standing)
        return self.get_response(request)


def live_record(request: Any, stranger: Actor) -> SessionRecord | None:
    """Session that may go on; any other is ended, on record, and the browser starts anew."""
    record = browser.session_record(request)
    if record is None or not browser.is_login_of(request, record.account):
        return None
    request.user = record.account
    state, reason = state_of(record), ""
    if state is SessionState.LIVE:
        reason = watched(record, stranger)
        if not reason:
            session_seen(record)
            return record
    elif state is not SessionState.ENDED:
        reason = state.value
    if reason:
        session_end(actor=signed_in(record, stranger), session=record, reason=reason)
    logout(request)
    request.session[ENDED] = reason or state.value
    return None


def watched(record: SessionRecord, stranger: Actor) -> str:
    """Look at whether a session is used from elsewhere than its factor was proved; returns why it has to end, if it has.

    Each new place is recorded once.
    """
    here, changes = moved(record, stranger)
    if not changes:
        return ""
    if [here.network, here.device] not in record.seen_from:
        session_moved(actor=signed_in(record, stranger), session=record, here=here, changes=changes)
    return MOVED if answer_to(changes, settings.LOANFLOW_MOVED) is Answer.SIGN_IN else ""


def moved(record: SessionRecord, stranger: Actor) -> tuple[Whereabouts, tuple[str, ...]]:
    """Where a request comes from, and what of that differs from where the session's factor was proved."""
    here = Whereabouts.of(stranger.address, stranger.device)
    return here, here.changes(Whereabouts(record.factor_network, record.factor_device))


def is_displaced(record: SessionRecord, stranger: Actor) -> bool:
    """Tell whether the session's factor has to be proved anew where it is used."""
    answer = answer_to(moved(record, stranger)[1], settings.LOANFLOW_MOVED)
    return answer in {Answer.STEP_UP, Answer.SIGN_IN}


def standing_in(request: Any, record: SessionRecord) -> Standing | None:
    """The right of another that this session acts with; one that has ended is laid down, and the reader is told."""
    held = request.session.get(ACTING)
    if not held:
        return None
    standing = standing_of(record.account.person_id, held)
    if standing is None:
        request.session.pop(ACTING)
        messages.warning(request, _("The right that was handed to you has ended: you act in your own name again."))
    return standing


def state_of(record: SessionRecord) -> SessionState:
    """Judge a session by its times and its account."""
    if not record.account.is_active or not demo.allowed(record.account):
        return SessionState.ENDED
    return session_state(started=record.created_at, seen=record.pulse.seen_at, ended=record.ended_at, now=clock.now())


def signed_in(record: SessionRecord, stranger: Actor) -> Actor:
    """Actor of a live session."""
    return actor_of(
        record.account, session=record.uuid.hex, factor=Factor(record.factor), factor_at=record.factor_at,
        displaced=is_displaced(record, stranger),
        address=stranger.address, device=stranger.device, request_id=stranger.request_id,
    )  # fmt: skip


class RequiresMiddleware:
    """Refuses views without a mark, and those whose mark the actor does not meet."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the view is known only in ``process_view``."""
        return self.get_response(request)

    def process_view(self, request: Any, view: Callable[..., Any], _args: Any, named: Any) -> HttpResponse | None:
        """Answer instead of the view, or let it run; an address that names something with NUL is of nothing."""
        if any(isinstance(value, str) and "\0" in value for value in named.values()):
            raise Http404  # PostgreSQL would fail to look for it
        return gate.answer(request, view)
