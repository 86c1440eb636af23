"""Enrolling: an invitation's link, a password, an authenticator scanned and confirmed, recovery codes shown once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts import browser, rules, selectors
from apps.accounts.forms import CodeForm, NewPasswordForm
from apps.accounts.models import Account, TotpDevice
from apps.accounts.services.enrolment import device_confirm, device_prepare, recovery_codes_make
from apps.accounts.services.invitations import invitation_accept
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core.actor import Factor
from apps.core.errors import Refused
from apps.core.requires import enrolling, public, signed_in


@public
@never_cache
@FORM
def invitation(request: Any, token: str) -> HttpResponse:
    """Open an invitation and take the password."""
    found = selectors.open_invitation(token)
    if found is None:
        return render(request, "accounts/invitation_gone.html", status=410)

    def then(data: dict[str, Any]) -> HttpResponse:
        account = invitation_accept(actor=request.stranger, token=token, password=data["password"])
        return steps.after_password(request, account)

    return steps.step_page(
        request, NewPasswordForm, then, "accounts/invitation.html", {"account": found.account, "found": found}
    )


@enrolling
@never_cache
@FORM
def enrol(request: Any) -> HttpResponse:
    """Show the authenticator's QR code and take its first code; nothing else is open before."""
    account = request.step_account
    if account is None or not account.is_staff_kind or account.enrolled_at is not None:
        return redirect("accounts:sign_in")
    try:
        device = selectors.waiting_device(account) or device_prepare(actor=request.actor, account=account)
    except Refused:
        return render(request, "accounts/invitation_gone.html", status=410)

    def then(data: dict[str, Any]) -> HttpResponse:
        enrolled = device_confirm(actor=request.stranger, account=account, code=data["code"])
        browser.complete(request, account, Factor.TOTP, request.stranger)
        shown = {"codes": enrolled.recovery_codes, "onward": browser.onward(request), "frame": "base_plain.html"}
        codes = render(request, "accounts/recovery_codes.html", shown)
        return steps.with_language(codes, browser.language_of(request, account))

    return steps.step_page(
        request, CodeForm, then, "accounts/enrol.html", {"frame": "base_plain.html", **picture(device)}
    )


@signed_in
@require_POST
def replace(request: Any) -> HttpResponse:
    """Begin with a new authenticator in place of the present one."""
    device_prepare(actor=request.actor, account=request.session_record.account)
    return redirect("accounts:replace_confirm")


@signed_in
@never_cache
@FORM
def replace_confirm(request: Any) -> HttpResponse:
    """Show the new authenticator and take its first code; the old one ends with it."""
    account: Account = request.session_record.account
    device = selectors.waiting_device(account)
    if device is None:
        return redirect("accounts:factors")

    def then(data: dict[str, Any]) -> HttpResponse:
        enrolled = device_confirm(actor=request.actor, account=account, code=data["code"])
        browser.renew(request)
        return codes_page(request, enrolled.recovery_codes)

    return steps.step_page(request, CodeForm, then, "accounts/enrol.html", {"frame": "base.html", **picture(device)})


@signed_in
@require_POST
def new_codes(request: Any) -> HttpResponse:
    """Make new recovery codes and show them this once."""
    return codes_page(request, recovery_codes_make(actor=request.actor, account=request.session_record.account))


def codes_page(request: Any, codes: tuple[str, ...]) -> HttpResponse:
    """Page that shows recovery codes; they are nowhere else."""
    response = render(request, "accounts/recovery_codes.html", {"codes": codes, "onward": "/", "frame": "base.html"})
    response["Cache-Control"] = "no-store"
    return response


def picture(device: TotpDevice) -> dict[str, str]:
    """QR code as a ``data:`` address, and the key in groups for typing it; opened for this one page."""
    secret = device.secret.reveal()
    label = quote(f"{settings.OTP_TOTP_ISSUER}:{device.user.handle}")
    query = urlencode({
        "secret": secret, "issuer": settings.OTP_TOTP_ISSUER, "digits": rules.TOTP_DIGITS, "period": rules.TOTP_PERIOD,
    })  # fmt: skip
    code = segno.make(f"otpauth://totp/{label}?{query}", error="m", micro=False)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"qr": code.svg_data_uri(scale=5, border=4, light="#ffffff"), "key": groups}
