"""What the steps of signing in share: a page with one form, and the way on after the last step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import browser, demo, selectors
from apps.accounts.models import Account
from apps.accounts.services import factors
from apps.accounts.services.passkeys import passkey_prove
from apps.core.actor import Factor
from apps.core.errors import BadInput, LoanFlowError, Refused
from apps.core.pages import hang

Then = Callable[[dict[str, Any]], HttpResponse]


def step_page(
    request: Any, form_class: type[forms.Form], then: Then, template: str, context: Mapping[str, Any] | None = None,
    **options: Any,
) -> HttpResponse:  # fmt: skip
    """Show a form, or take it and go on with ``then(cleaned_data)``; refusals stand above the form."""
    form = form_class(request.POST if request.method == "POST" else None, **options)
    shown = {**(context or {}), "form": form}
    if request.method != "POST":
        return render(request, template, shown)
    if not form.is_valid():
        return render(request, template, shown, status=400)
    try:
        return then(form.cleaned_data)
    except BadInput as error:
        hang(form, error)
        return render(request, template, shown, status=error.status)
    except Refused as error:
        return refused(request, form, error, template, shown)


def refused(
    request: Any, form: forms.Form, error: LoanFlowError, template: str, shown: Mapping[str, Any]
) -> HttpResponse:
    """Draw the form again with the refusal above it; passwords and codes are typed anew."""
    form.add_error(None, str(getattr(error, "message", error)))
    return render(request, template, dict(shown), status=error.status)


def after_password(request: Any, account: Account, code: str = "") -> HttpResponse:
    """Go on once the password, or the invitation, is proved: enrol, prove the factor, or ask for it."""
    browser.step_begin(request, account)
    if not account.is_staff_kind:
        return _borrower(request, account, code)
    if account.enrolled_at is None:
        return redirect("accounts:enrol")
    return by_totp(request, account, code) if code else redirect("accounts:factor")


def by_passkey(request: Any, account: Account, answered: tuple[str, str]) -> HttpResponse:
    """Complete the sign-in of staff by what a passkey has signed over the page's challenge."""
    challenge, answer = answered
    passkey_prove(actor=request.stranger, account=account, challenge=challenge, answer=answer)
    return complete(request, account, Factor.PASSKEY)


def by_totp(request: Any, account: Account, code: str) -> HttpResponse:
    """Complete the sign-in of staff; refused where a role needs the passkey that the account has."""
    factors.code_suffices(actor=request.stranger, account=account)
    factors.totp_prove(actor=request.stranger, account=account, code=code)
    return complete(request, account, Factor.TOTP)


def by_email(request: Any, account: Account, code: str) -> HttpResponse:
    """Complete the sign-in of a borrower."""
    factors.email_code_prove(actor=request.stranger, account=account, code=code)
    return complete(request, account, Factor.EMAIL)


def complete(request: Any, account: Account, factor: Factor) -> HttpResponse:
    """Open the session and lead to the page that was asked for, in the person's language."""
    browser.complete(request, account, factor, request.stranger)
    response = HttpResponseRedirect(browser.onward(request))
    return with_language(response, browser.language_of(request, account))


def with_language(response: HttpResponse, language: str) -> HttpResponse:
    """Set the cookie that chooses the language of pages."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip
    return response


def send_code(request: Any, account: Account) -> bool:
    """Send a borrower a code; ``False`` where one was sent just now."""
    try:
        factors.email_code_send(actor=request.stranger, account=account)
    except Refused:
        return False
    return True


def demo_context() -> dict[str, Any]:
    """What a page needs to offer the demo's people."""
    return {"demo": demo.is_on()}


def _borrower(request: Any, account: Account, code: str) -> HttpResponse:
    if code:
        return by_email(request, account, code)
    if not send_code(request, account) and not selectors.email_code_alive(account):
        messages.warning(
            request, _("No new code was sent: you have asked for many. Wait up to an hour and sign in again.")
        )
    return redirect("accounts:email_code")
