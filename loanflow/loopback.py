"""Keeps a demo to this machine: its people and passwords are public."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from loanflow.environment import Mode, is_loopback

PROXY_MARKS = frozenset({"HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP"})


class LoopbackOnlyMiddleware:
    """Refuses, in demo mode, whoever does not call from this machine, however the server was started.

    A proxy on this machine would publish the demo: what one has forwarded is refused as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.LOANFLOW_MODE is not Mode.DEMO:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on a caller from loopback who stands behind no proxy."""
        if is_loopback(request.META.get("REMOTE_ADDR", "")) and not is_forwarded(request):
            return self.get_response(request)
        return HttpResponseForbidden("This is a demo: it answers on its own machine only.", content_type="text/plain")


def is_forwarded(request: HttpRequest) -> bool:
    """Tell whether a proxy has put its mark on a request."""
    return any(name in PROXY_MARKS or name.startswith("HTTP_X_FORWARDED_") for name in request.META)
