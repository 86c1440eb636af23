"""Gives every request an id of our own and one trustworthy address, and those that only read a memory."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core.memory import remembering


class RequestIdMiddleware:
    """Sets ``request.request_id`` and ``request.client_address``; answers with ``X-Request-ID``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the id and address, pass on, and echo the id."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class MemoryMiddleware:
    """Lets a request that only reads ask each question once; one that may write asks anew, under its locks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, remembering while the method is a safe one."""
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        with remembering():
            return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """Address of the peer, or the entry our own proxies wrote, counted from the right by ``LOANFLOW_PROXIES``.

    A forwarded header is never believed further than the number of proxies that we run; junk becomes ``""``.
    """
    proxies = int(getattr(settings, "LOANFLOW_PROXIES", 0))
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    candidate = forwarded[-proxies] if proxies and len(forwarded) >= proxies else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return ""
