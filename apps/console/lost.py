"""The way in for who lost a device. What it answers is the same whether there is such an account or not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.access.services.resetting import reset_plead
from apps.accounts.views import steps
from apps.accounts.views.sign_in import FORM
from apps.core.forms import CleanForm
from apps.core.requires import public


class LostForm(CleanForm):
    """Whose device is lost."""

    name = forms.CharField(
        label=_("Name or e-mail address"), max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


@public
@never_cache
@FORM
def lost_device(request: Any) -> HttpResponse:
    """Take the name of who lost a device."""

    def then(data: dict[str, Any]) -> HttpResponse:
        reset_plead(actor=request.stranger, name=data["name"])
        return redirect("console:lost_device_told")

    return steps.step_page(request, LostForm, then, "console/lost_device.html")


@public
@require_safe
def lost_device_told(request: Any) -> HttpResponse:
    """Say what happens now."""
    return render(request, "console/lost_device_told.html")
