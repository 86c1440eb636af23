"""The first page: what waits, what is late, what others did; for leads the load of their people. And the notices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.access.looks import list_seen
from apps.access.roles import permissions_held
from apps.audit.tags import Tag
from apps.console.cards import cards_of
from apps.console.marks import mark_of, news_seen
from apps.console.navigation import address
from apps.console.notice_places import with_places
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires, signed_in
from apps.workflow.rows import rows_of
from apps.workflow.selectors import CaseFilter, cases_visible_to, work
from apps.workflow.selectors.free import free_for
from apps.workflow.selectors.lists import counted_each
from apps.workflow.selectors.load import loads
from apps.workflow.selectors.news import news_for
from apps.workflow.services.notices import notices_read
from apps.workflow.states import OPEN

FEW = 8
LONGEST_NUMBER = 18  # digits that every database takes


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Home by role; a borrower's home is the portal."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.is_borrower and (portal := address("portal:home")):
        return redirect(portal)
    shown = _shown(actor, permissions_held(actor.held))
    if "rows" in shown:
        list_seen(request, Tag.CASES_LISTED, len(shown["rows"]) + len(shown["news"]))
    return render(request, "console/home.html", shown)


def _shown(actor: Actor, held: frozenset[Permission]) -> dict[str, Any]:
    shown: dict[str, Any] = {"cards": cards_of(actor)}
    if Permission.CASE_VIEW in held:
        shown["notices"] = with_places(actor, work.notices_of(actor, limit=FEW).rows)
    if Permission.CASE_CLAIM in held:
        shown |= _own_work(actor)
    if Permission.CASE_REASSIGN in held:
        shown |= {"leads": True, "loads": loads(actor)}
    return shown


def _own_work(actor: Actor) -> dict[str, Any]:
    """Cases that wait for who works on them, and what others did on theirs."""
    lists = {
        "held": CaseFilter(holder_id=actor.person_id, states=work.ACTIVE),
        "late": CaseFilter(holder_id=actor.person_id, states=OPEN, overdue=True),
        "free": free_for(actor),
    }
    counts = counted_each(actor, {name: wanted for name, wanted in lists.items() if wanted.states})
    mine = cases_visible_to(actor, replace(lists["held"], sort="due"), limit=FEW)
    news = news_for(actor, mark_of(actor), FEW)
    return {
        "works": True,
        "free": 0,
        **counts,
        "rows": rows_of(mine, actor),
        "news": news,
        "newest": news[0].number if news else 0,
        "sort": "",
    }


@requires(Permission.CASE_CLAIM)
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Take what others did as seen, up to what the page showed."""
    upto = request.POST.get("upto", "")
    if upto.isdecimal() and len(upto) <= LONGEST_NUMBER:
        news_seen(actor=request.actor, upto=int(upto))  # type: ignore[attr-defined]
    return redirect("console:home")


@requires(Permission.CASE_VIEW)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The actor's notices, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = work.notices_of(actor, request.GET.get("cursor", ""))
    return render(request, "console/notices.html", {"page": page, "notices": with_places(actor, page.rows)})


@requires(Permission.CASE_VIEW)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    count = notices_read(actor=request.actor)  # type: ignore[attr-defined]
    messages.success(
        request,
        ngettext("%(count)s notice marked as read.", "%(count)s notices marked as read.", count) % {"count": count},
    )
    return redirect("console:notices")
