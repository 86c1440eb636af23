"""Shows times in the institution's time zone, whatever zone the machine stands in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.selectors import institution
from apps.core import clock


class ZoneMiddleware:
    """Works in the institution's time zone for whoever brings a session; strangers see no times.

    It stands before the actor is built, which asks for today's date: the institution is read once a request,
    and stands as ``request.house`` for pages that name it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate, pass on, and put the thread back as it was."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        request.house = institution()  # type: ignore[attr-defined]
        with clock.at_home(request.house.time_zone if request.house else ""):  # type: ignore[attr-defined]
            return self.get_response(request)
