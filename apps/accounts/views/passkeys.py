"""Passkeys of one's own: added and revoked beside the authenticator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts import browser, selectors
from apps.accounts.forms import PasskeyForm
from apps.accounts.models import Account
from apps.accounts.passkeys import asking, ceremony
from apps.accounts.services.passkeys import challenge_seal, may_enrol, passkey_enrol, passkey_retire
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core.requires import signed_in


@signed_in
@never_cache
@FORM
def passkey_add(request: Any) -> HttpResponse:
    """Name a new passkey and have the browser make it; the factor before it comes first."""
    account = request.session_record.account
    if not account.is_staff_kind:
        return redirect("accounts:factors")
    may_enrol(request.actor, account)
    challenge, answer = asking.made(request)

    def then(data: dict[str, Any]) -> HttpResponse:
        passkey = passkey_enrol(
            actor=request.actor, account=account, name=data["name"], challenge=challenge, answer=answer
        )  # fmt: skip
        browser.renew(request)
        messages.success(request, _("The passkey “%(name)s” is added.") % {"name": passkey.name})
        return redirect("accounts:factors")

    return steps.step_page(request, PasskeyForm, then, "accounts/passkey_add.html", _creation(request, account))


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
