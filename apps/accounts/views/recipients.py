"""One's own key for exports, on the account's pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts import selectors
from apps.accounts.services.recipients import recipient_register, recipient_revoke
from apps.accounts.views.sign_in import FORM
from apps.core.forms import CleanForm
from apps.core.pages import post_form
from apps.core.requires import signed_in


class RecipientForm(CleanForm):
    """A public key."""

    recipient = forms.CharField(
        label=gettext_lazy("Your age recipient"), max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("It begins with age1 and is made by “age-keygen” on your own computer. The private key never leaves it."),
    )  # fmt: skip


@signed_in
@never_cache
@FORM
def export_key(request: Any) -> HttpResponse:
    """Show the key that one's exports are encrypted to, and register another."""
    account = request.session_record.account
    return post_form(
        request, RecipientForm, template="accounts/export_key.html", success=gettext_lazy("Your key is registered."),
        success_url=reverse("accounts:export_key"), context={"held": selectors.recipient_key_of(account)},
        service=lambda data: recipient_register(actor=request.actor, account=account, **data),
    )  # fmt: skip


@signed_in
@require_POST
def export_key_revoke(request: Any) -> HttpResponse:
    """Take one's key out of use."""
    recipient_revoke(actor=request.actor, account=request.session_record.account)
    messages.success(request, _("Your key is revoked."))
    return redirect("accounts:export_key")
