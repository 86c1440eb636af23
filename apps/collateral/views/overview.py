"""A case's collateral at a glance, its confirmation, and the steps that ask nothing but a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.collateral import services
from apps.collateral.forms import ConfirmForm
from apps.collateral.selectors import assets_known, overview
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form

form_page = require_http_methods(["GET", "HEAD", "POST"])


def collateral_url(case: LoanCase) -> str:
    """Address of the collateral's overview."""
    return reverse("collateral:overview", args=[case.number])


@requires(Permission.COLLATERAL_VIEW)
@require_safe
def collateral(request: HttpRequest, number: str) -> HttpResponse:
    """Every asset with its title, liens, insurance and value."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_VIEW)
    return render(request, "collateral/overview.html", overview.collateral_page(actor, case))


@requires(Permission.COLLATERAL_CONFIRM)
@form_page
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """What is confirmed, whither the case goes, and what is still missing."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_CONFIRM)
    shown = {**overview.table(case, assets_known(case)), "missing": overview.missing_of(case, actor)}
    return stage_form(
        request, case, ConfirmForm, title=_("Confirm the collateral"), template="collateral/confirm.html", context=shown,
        back_url=collateral_url(case), success_url=case.get_absolute_url(), success=_("The collateral is weighed."),
        service=lambda cleaned: services.collateral_confirm(
            actor=actor, case=case, version=cleaned["version"], text=cleaned["text"],
        ),
    )  # fmt: skip


def _clicked(request: HttpRequest, case: LoanCase, service: Callable[[int], Any], words: Any) -> HttpResponse:
    """Carry out a click on the version that its page showed, and go back to the overview."""
    form = NothingMoreForm(request.POST, case=case)
    try:
        if not form.is_valid():
            raise BadInput(str(_("This page was incomplete. Try again from the overview.")))
        service(form.cleaned_data["version"])
        messages.success(request, str(words))
    except BadInput as error:
        messages.error(request, str(error))
    return redirect(collateral_url(case))


@requires(Permission.COLLATERAL_EDIT)
@require_POST
def remove(request: HttpRequest, number: str, asset: int) -> HttpResponse:
    """Take an asset off the case."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_EDIT)
    return _clicked(
        request, case, lambda version: services.asset_remove(actor=actor, case=case, version=version, asset_id=asset),
        _("The asset is off the case."),
    )  # fmt: skip


@requires(Permission.COLLATERAL_EDIT)
@require_POST
def cancel(request: HttpRequest, number: str, asset: int) -> HttpResponse:
    """Take back the orders of valuations of an asset."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_EDIT)
    return _clicked(
        request, case, lambda version: services.valuation_cancel(actor=actor, case=case, version=version, asset_id=asset),
        _("The order is taken back."),
    )  # fmt: skip


@requires(Permission.COLLATERAL_RELEASE)
@require_POST
def release_ask(request: HttpRequest, number: str, asset: int) -> HttpResponse:
    """Ask for the release of an asset."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_RELEASE)
    return _clicked(
        request, case, lambda version: services.release_ask(actor=actor, case=case, version=version, asset_id=asset),
        _("The release is asked for; another person confirms it."),
    )  # fmt: skip


@requires(Permission.COLLATERAL_RELEASE)
@require_POST
def release_confirm(request: HttpRequest, number: str, asset: int) -> HttpResponse:
    """Confirm the release that another person asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.COLLATERAL_RELEASE)
    return _clicked(
        request, case, lambda version: services.release_confirm(actor=actor, case=case, version=version, asset_id=asset),
        _("The asset is released."),
    )  # fmt: skip
