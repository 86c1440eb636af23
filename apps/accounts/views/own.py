"""One's own account: profile, password, factors, sessions, step-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import browser, selectors
from apps.accounts.devices import described
from apps.accounts.forms import CodeForm, EmailCodeForm, LanguageForm, PasswordForm
from apps.accounts.passkeys import asking
from apps.accounts.services.factors import code_suffices, email_code_prove, totp_prove
from apps.accounts.services.passwords import password_change
from apps.accounts.services.people import language_choose
from apps.accounts.services.sessions import session_end_others, session_end_own
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core import clock
from apps.core.requires import signed_in


@signed_in
@never_cache
@FORM
def profile(request: Any) -> HttpResponse:
    """Show one's account and choose its language."""
    account = request.session_record.account

    def then(data: dict[str, Any]) -> HttpResponse:
        language_choose(actor=request.actor, person=account.person, language=data["language"])
        with translation.override(data["language"]):
            messages.success(request, _("The language is changed."))
        return steps.with_language(redirect("accounts:profile"), data["language"])

    return steps.step_page(
        request, LanguageForm, then, "accounts/profile.html", {"account": account},
        initial={"language": account.person.language},
    )  # fmt: skip


@signed_in
@never_cache
@FORM
def password(request: Any) -> HttpResponse:
    """Change one's password; all other sessions end."""

    def then(data: dict[str, Any]) -> HttpResponse:
        account = request.session_record.account
        password_change(actor=request.actor, account=account, current=data["current"], new=data["password"])
        browser.keep_after_password(request, account)
        messages.success(request, _("The password is changed. Your other sessions have ended."))
        return redirect("accounts:profile")

    return steps.step_page(request, PasswordForm, then, "accounts/password.html")


@signed_in
@never_cache
@require_safe
def own_factors(request: Any) -> HttpResponse:
    """Show one's factors and recovery codes left."""
    account = request.session_record.account
    context = {
        "account": account,
        "device": selectors.live_device(account),
        "codes_left": selectors.recovery_codes_left(account),
        "passkeys": selectors.passkeys_of(account),
        "needs_passkey": request.actor.needs_passkey,
        "now": clock.now(),
    }
    return render(request, "accounts/factors.html", context)


@signed_in
@never_cache
@require_safe
def own_sessions(request: Any) -> HttpResponse:
    """List one's open sessions."""
    own = request.session_record
    rows = [(row, described(row.device)) for row in selectors.sessions_open(own.account)]
    return render(request, "accounts/sessions.html", {"rows": rows, "own": own})


@signed_in
@require_POST
def session_end(request: Any, uuid: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    session_end_own(actor=request.actor, session_uuid=uuid)
    messages.success(request, _("The session has ended."))
    return redirect("accounts:sessions")


@signed_in
@require_POST
def sessions_end_others(request: Any) -> HttpResponse:
    """End all of one's sessions but this one."""
    count = session_end_others(actor=request.actor, keep=request.session_record)
    words = ngettext("%(count)s other session has ended.", "%(count)s other sessions have ended.", count)
    messages.success(request, words % {"count": count})
    return redirect("accounts:sessions")


@signed_in
@never_cache
@FORM
def step_up(request: Any) -> HttpResponse:
    """Ask for a one-time code or a passkey and lead back to what was about to be done."""
    record = request.session_record
    target = browser.safe(request, request.GET.get("next", ""))
    if asking.answered(request):  # the gate has proved it before this runs
        return HttpResponseRedirect(target)
    is_staff = record.account.is_staff_kind

    def then(data: dict[str, Any]) -> HttpResponse:
        if is_staff:
            code_suffices(actor=request.actor, account=record.account)
        prove = totp_prove if is_staff else email_code_prove
        prove(actor=request.actor, account=record.account, code=data["code"], session=record)
        browser.renew(request)
        return HttpResponseRedirect(target)

    if not is_staff and request.method == "GET":
        steps.send_code(request, record.account)
    context = {
        "account": record.account, "target": target, "passkey": asking.asked(request, record.account),
        "passkey_only": request.actor.needs_passkey, **steps.demo_context(),
    }  # fmt: skip
    return steps.step_page(request, CodeForm if is_staff else EmailCodeForm, then, "accounts/step_up.html", context)
