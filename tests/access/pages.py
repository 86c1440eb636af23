"""Views of the gate's tests, one for each mark a view can carry and one without any."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import include, path

from apps.core.permissions import Permission
from apps.core.requires import enrolling, public, requires, signed_in

handler403 = "apps.console.errors.forbidden"
handler404 = "apps.console.errors.not_found"


def undeclared(_request: Any) -> HttpResponse:
    """Declare nothing."""
    return HttpResponse("never seen")


@public
def open_to_all(request: Any) -> HttpResponse:
    """Say who acts."""
    return HttpResponse(request.actor.name)


@enrolling
def half_way(request: Any) -> HttpResponse:
    """Say who is half-way in."""
    return HttpResponse(str(request.step_account))


@signed_in
def own(request: Any) -> JsonResponse:
    """Say who acts, in full."""
    actor = request.actor
    return JsonResponse({
        "name": actor.name, "kind": actor.kind, "roles": sorted(actor.role_names), "address": actor.address,
        "device": actor.device, "request": actor.request_id == request.request_id, "factor": actor.factor,
    })  # fmt: skip


@requires(Permission.CREDIT_EDIT, Permission.COLLATERAL_EDIT)
def analysts(_request: Any) -> HttpResponse:
    """Open to analysts and appraisers."""
    return HttpResponse("in")


@requires(Permission.CASE_VIEW)
def cases(_request: Any) -> HttpResponse:
    """Open to all who see cases, in the back office."""
    return HttpResponse("in")


@requires(Permission.PORTAL_USE)
def portal(_request: Any) -> HttpResponse:
    """Open to borrowers."""
    return HttpResponse("in")


@requires(Permission.CREDIT_EDIT, step_up=True)
def sensitive(request: Any) -> HttpResponse:
    """Echo what was posted."""
    return JsonResponse({name: request.POST.getlist(name) for name in request.POST if name != "one_time_code"})


urlpatterns = [
    path("undeclared/", undeclared),
    path("open/", open_to_all),
    path("half/", half_way),
    path("own/", own),
    path("analysts/", analysts, name="tests_analysts"),
    path("cases/", cases),
    path("portal/", portal),
    path("sensitive/", sensitive),
    path("api/own/", own),
    path("", include("loanflow.urls")),
]
