"""Shows times in the institution's time zone, whatever zone the machine stands in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.models import Institution


class ZoneMiddleware:
    """Activates the institution's time zone for pages of who has signed in; strangers see no times."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate, pass on, and put the thread back as it was."""
        if getattr(request, "session_record", None) is None:
            return self.get_response(request)
        name = Institution.objects.values_list("time_zone", flat=True).first()
        with timezone.override(zoneinfo.ZoneInfo(name) if name else None):
            return self.get_response(request)
