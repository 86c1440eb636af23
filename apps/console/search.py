"""The page of the one search box."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.console.finding import search as found_for
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.core.text import plain
from apps.workflow.rows import rows_of

LONGEST = 120


@requires(Permission.CASE_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find a case, loan or payment by its reference; businesses by name or identifier; people by name, identity number or phone.

    The box posts, so that nothing of a person stands in an address. Only words that begin the name of a business in sight, and
    no person's, go on to an address that pages can follow.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    posted = request.method == "POST"
    words = plain((request.POST if posted else request.GET).get("q", "").replace("\0", "")).strip()[:LONGEST]
    found = found_for(actor, words, request.GET.get("cursor", ""), posted=posted)
    if found.exact:
        return redirect(found.exact)
    if posted and found.how == "name" and found.anything and not found.people:
        return redirect(f"{reverse('console:search')}?{urlencode({'q': words})}")
    shown = {"words": words, "found": found, "page": found.cases, "rows": rows_of(found.cases, actor), "how": found.how}
    return render(request, "console/search.html", shown)
