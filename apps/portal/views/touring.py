"""The tour: where it begins, and its steps from page to page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.actor import Actor
from apps.core.requires import signed_in
from apps.portal.tour import tour_of
from apps.portal.touring import progress_of, tour_end, tour_go


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def tour(request: HttpRequest) -> HttpResponse:
    """The stops of one's own tour, to begin, go on, or choose; a post goes to a stop or puts the tour away."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return render(request, "portal/tour.html", {"stops": tour_of(actor), "progress": progress_of(actor)})
    asked = request.POST.get("to", "")
    address = tour_go(actor, int(asked)) if asked.isdecimal() and len(asked) < 3 else ""
    if address:
        return HttpResponseRedirect(address)
    tour_end(actor)
    messages.success(request, _("You find the tour in the help menu whenever you want it."))
    return redirect("console:home")
