"""Passkeys of one's own: added and revoked beside the authenticator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts import browser, selectors
from apps.accounts.forms import CodeForm, PasskeyForm
from apps.accounts.models import Account
from apps.accounts.passkeys import asking, ceremony
from apps.accounts.services.factors import totp_prove
from apps.accounts.services.passkeys import challenge_seal, passkey_enrol, passkey_retire
from apps.accounts.services.recovering import just_recovered
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core.errors import BadInput, Refused
from apps.core.requires import signed_in


@signed_in
@never_cache
@FORM
def passkey_add(request: Any) -> HttpResponse:
    """Prove a factor here and now, however fresh the session is; then name a new passkey and have the browser make it."""
    account = request.session_record.account
    if not account.is_staff_kind:
        return redirect("accounts:factors")
    challenge, answer = asking.made(request)
    if answer:
        return _taken(request, account, challenge, answer)
    away = not settings.LOANFLOW_PASSKEY_HOST or asking.elsewhere(request)
    if away or just_recovered(request.actor) or asking.answered(request):  # the gate has proved an answer before
        return _making(request, account)
    return _asking(request, account)


def _asking(request: Any, account: Account) -> HttpResponse:
    """Ask for the factor that may add one: a code for the first, a passkey for the next."""

    def then(data: dict[str, Any]) -> HttpResponse:
        if selectors.passkeys_of(account):
            raise Refused("passkey_needed", HAS_ONE, subject=account)
        totp_prove(actor=request.actor, account=account, code=data["code"], session=request.session_record)
        browser.renew(request)
        return _making(request, account)

    asked = asking.asked(request, account)
    has_one = bool(asked and not asked.none)
    context = {
        "account": account, "passkey": asked, "passkey_only": has_one, "adding": True, "back": _back(request),
        **steps.demo_context(),
    }  # fmt: skip
    return steps.step_page(request, CodeForm, then, "accounts/step_up.html", context)


def _making(request: Any, account: Account) -> HttpResponse:
    """The page whose challenge a new passkey is made over: nobody gets one without a factor proved for it."""
    return render(request, "accounts/passkey_add.html", {"form": PasskeyForm(), **_creation(request, account)})


def _taken(request: Any, account: Account, challenge: str, answer: str) -> HttpResponse:
    try:
        passkey = passkey_enrol(
            actor=request.actor, account=account, name=request.POST.get("name", ""), challenge=challenge, answer=answer
        )  # fmt: skip
    except (BadInput, Refused) as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())
    browser.renew(request)
    messages.success(request, _("The passkey “%(name)s” is added.") % {"name": passkey.name})
    return redirect(_back(request) or reverse("accounts:factors"))


def _back(request: Any) -> str:
    """The page that led here and wants its reader back, such as one to be signed; ``""`` where none did."""
    return browser.safe(request, request.GET.get("next", ""), otherwise="")


HAS_ONE = gettext_lazy(
    "You have a passkey: the next one is added with it. If it is lost, sign in with a recovery code."
)


def _creation(request: Any, account: Account) -> dict[str, Any]:
    """What the browser makes a passkey by, or why it cannot here."""
    if not settings.LOANFLOW_PASSKEY_HOST:
        return {"no_host": True}
    if away := asking.elsewhere(request):
        return {"elsewhere": away}
    challenge, sealed = challenge_seal(account, "enrol")
    known = [(each.credential, each.transports) for each in selectors.passkeys_of(account)]
    options = ceremony.creation_options(
        user=account.uuid.bytes, handle=account.handle, known=known, challenge=challenge
    )  # fmt: skip
    return {"options": options, "sealed": sealed}


@signed_in
@require_POST
def passkey_retire_own(request: Any, uuid: UUID) -> HttpResponse:
    """Revoke one of one's own passkeys."""
    passkey = passkey_retire(actor=request.actor, account=request.session_record.account, uuid=uuid)
    messages.success(request, _("The passkey “%(name)s” is revoked.") % {"name": passkey.name})
    return redirect("accounts:factors")
