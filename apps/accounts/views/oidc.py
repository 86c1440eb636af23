"""Signing on with the institution's provider: off to it, and back."""

from __future__ import annotations

from typing import Any

import jwt
import requests
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from apps.accounts import browser, oidc
from apps.accounts.services.signing_on import provider_proved, provider_refuse
from apps.accounts.views import steps
from apps.core.errors import Refused
from apps.core.requires import public

FAULTS = (jwt.PyJWTError, requests.RequestException, KeyError, ValueError, TypeError)
"""What a provider, or somebody in its place, may have the library raise."""


class Back(OIDCAuthenticationCallbackView):
    """Takes a browser that comes back, and goes on as after a password."""

    def login_success(self) -> HttpResponse:
        """Record it, and ask for the second factor; the browser's key changes with it."""
        provider_proved(actor=self.request.stranger, account=self.user)
        return steps.after_password(self.request, self.user)

    def login_failure(self) -> HttpResponse:
        """Refuse what brings no state of ours, or no code."""
        return refused(self.request, "state")


@public
@never_cache
@require_GET
def begin(request: Any) -> HttpResponse:
    """Send a browser to the provider, with a state, a nonce and a challenge of its own."""
    _only_if_on()
    if request.session_record is not None:
        return redirect("/")
    browser.remember_next(request, request.GET.get("next", ""))
    return OIDCAuthenticationRequestView.as_view()(request)  # type: ignore[no-any-return]


@public
@never_cache
@require_GET
def back(request: Any) -> HttpResponse:
    """Take the browser back; whatever is wrong is refused with the same words, and recorded with the reason."""
    _only_if_on()
    if request.session_record is not None:
        return redirect("/")
    try:
        return Back.as_view()(request)  # type: ignore[no-any-return]
    except oidc.Unproved as error:
        return refused(request, error.why, error.account)
    except SuspiciousOperation:  # a state that this browser was not given, or has used
        return refused(request, "state")
    except FAULTS as error:
        return refused(request, type(error).__name__)


def refused(request: Any, why: str, account: Any = None) -> HttpResponse:
    """Lead back to the sign-in page, which says that it did not work."""
    try:
        provider_refuse(actor=request.stranger, why=why, account=account)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    return redirect("accounts:sign_in")


def _only_if_on() -> None:
    if not oidc.is_on():
        raise Http404
