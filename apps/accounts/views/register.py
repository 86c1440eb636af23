"""Registering by oneself: ask for a link, and follow it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts import selectors
from apps.accounts.forms import RegisterFinishForm, RegisterForm
from apps.accounts.services.registering import registration_ask, registration_finish
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core.requires import public


@public
@never_cache
@FORM
def register(request: Any) -> HttpResponse:
    """Ask for the address; what is said afterwards is the same for every address."""
    if request.session_record is not None:
        return redirect("/")
    if not selectors.registration_open():
        return render(request, "accounts/register_closed.html", status=404)

    def then(data: dict[str, Any]) -> HttpResponse:
        registration_ask(
            actor=request.stranger, email=data["email"], trap=data["website"], site=request.build_absolute_uri("/"),
            language=translation.get_language() or "en",
        )  # fmt: skip
        return redirect("accounts:registered")

    return steps.step_page(request, RegisterForm, then, "accounts/register.html")


@public
@require_safe
def registered(request: Any) -> HttpResponse:
    """Say where to look now."""
    return render(request, "accounts/registered.html")


@public
@never_cache
@FORM
def register_finish(request: Any, token: str) -> HttpResponse:
    """Open the link of the mail: looking at it spends nothing, as mail programs look too."""
    if not selectors.registration_alive(token):
        return render(request, "accounts/register_gone.html", status=410)

    def then(data: dict[str, Any]) -> HttpResponse:
        account = registration_finish(
            actor=request.stranger, token=token, email=data["email"], name=data["name"], password=data["password"],
            language=translation.get_language() or "en",
        )  # fmt: skip
        return steps.after_password(request, account)

    return steps.step_page(request, RegisterFinishForm, then, "accounts/register_finish.html")
