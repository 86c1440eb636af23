"""Signing in: password, then factor; and signing out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import browser, demo, oidc, selectors
from apps.accounts.forms import EmailCodeForm, FactorForm, RecoveryForm, SignInForm
from apps.accounts.passkeys import asking
from apps.accounts.services import factors
from apps.accounts.services.passwords import password_prove
from apps.accounts.services.sessions import session_end
from apps.accounts.views import steps
from apps.core.actor import Factor
from apps.core.requires import enrolling, public, signed_in

FORM = require_http_methods(["GET", "HEAD", "POST"])
ENDED_WORDS = {
    "idle": gettext_lazy("You were signed out after 15 minutes without use. Sign in and you land where you were."),
    "absolute": gettext_lazy("You were signed out after 12 hours. Sign in and you land where you were."),
    "moved": gettext_lazy("This session was used from another device or place, so it was ended. Sign in again."),
    "ended": gettext_lazy("This session was ended. Sign in again."),
}


@public
@never_cache
@FORM
def sign_in(request: Any) -> HttpResponse:
    """Ask for name and password."""
    if request.session_record is not None:
        return HttpResponseRedirect(browser.safe(request, request.GET.get("next", "")))
    browser.remember_next(request, request.GET.get("next", ""))
    people = demo.people()
    context = {
        "people": people, "starts": demo.starts(people), "ended": _ended(request), "may_register": selectors.registration_open(),
        "provider": oidc.is_on(), **steps.demo_context()
    }  # fmt: skip

    def then(data: dict[str, Any]) -> HttpResponse:
        account = password_prove(actor=request.stranger, name=data["name"], password=data["password"])
        return steps.after_password(request, account, data.get("code", ""))

    return steps.step_page(request, SignInForm, then, "accounts/sign_in.html", context, with_code=demo.is_on())


def _ended(request: Any) -> Any:
    return ENDED_WORDS.get(request.session.pop("ended", ""), "") if request.method == "GET" else ""


@enrolling
@never_cache
@FORM
def factor(request: Any) -> HttpResponse:
    """Ask staff for the code of their authenticator, or for a passkey."""
    account = request.step_account
    if account is None or not account.is_staff_kind or account.enrolled_at is None:
        return redirect("accounts:sign_in")
    answered = asking.answered(request)

    def then(data: dict[str, Any]) -> HttpResponse:
        return (
            steps.by_passkey(request, account, answered) if answered else steps.by_totp(request, account, data["code"])
        )

    context = {
        "account": account, "passkey": asking.asked(request, account), "passkey_only": selectors.must_use_passkey(account),
        **steps.demo_context(),
    }  # fmt: skip
    return steps.step_page(request, FactorForm, then, "accounts/factor.html", context, by_passkey=bool(answered))


@enrolling
@never_cache
@FORM
def recovery(request: Any) -> HttpResponse:
    """Take a recovery code in place of the authenticator, and lead to setting up a new one."""
    account = request.step_account
    if account is None or account.enrolled_at is None:
        return redirect("accounts:sign_in")

    def then(data: dict[str, Any]) -> HttpResponse:
        left = factors.recovery_prove(actor=request.stranger, account=account, code=data["code"])
        steps.complete(request, account, Factor.RECOVERY)
        words = ngettext("%(left)s recovery code is left.", "%(left)s recovery codes are left.", left) % {"left": left}
        messages.warning(request, _("You used a recovery code. Set up your authenticator anew now.") + " " + words)
        return steps.with_language(redirect("accounts:factors"), browser.language_of(request, account))

    return steps.step_page(request, RecoveryForm, then, "accounts/recovery.html", {"account": account})


@enrolling
@never_cache
@FORM
def email_code(request: Any) -> HttpResponse:
    """Ask a borrower for the code of the mail."""
    account = request.step_account
    if account is None or account.is_staff_kind:
        return redirect("accounts:sign_in")
    context = {"account": account, **steps.demo_context()}
    return steps.step_page(
        request, EmailCodeForm, lambda data: steps.by_email(request, account, data["code"]),
        "accounts/email_code.html", context,
    )  # fmt: skip


@enrolling
@require_POST
def email_code_again(request: Any) -> HttpResponse:
    """Send another mail."""
    account = request.step_account
    if account is None or account.is_staff_kind:
        return redirect("accounts:sign_in")
    if steps.send_code(request, account):
        messages.success(request, _("A new code is on its way. Only the newest one works."))
    else:
        messages.warning(request, _("A code was sent already. Wait a little before you ask for another."))
    return redirect("accounts:email_code")


@signed_in
@require_POST
def sign_out(request: Any) -> HttpResponse:
    """End this session."""
    session_end(actor=request.actor, session=request.session_record, reason="signed_out")
    logout(request)
    return redirect("accounts:sign_in")
