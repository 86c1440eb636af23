"""Pages of the accounts that the institution pays from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.pages import done, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement import forms
from apps.disbursement.selectors.paying import paying_account_get, paying_page
from apps.disbursement.services import paying

form_page = require_http_methods(["GET", "HEAD", "POST"])


def back() -> dict[str, object]:
    """Way back to the list."""
    return {"back_url": reverse("disbursement:paying"), "back_label": _("Paying accounts")}


@requires(Permission.PAYING_ACCOUNT_MANAGE)
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Which account each currency is paid from, and what waits for a second person."""
    return render(request, "disbursement/paying.html", paying_page(request.actor))  # type: ignore[attr-defined]


@requires(Permission.PAYING_ACCOUNT_MANAGE, step_up=True)
@form_page
def enter(request: HttpRequest) -> HttpResponse:
    """Enter an account."""
    actor = request.actor  # type: ignore[attr-defined]
    return post_form(
        request, forms.PayingAccountForm, success_url=reverse("disbursement:paying"),
        success=_("The account is entered; another person confirms it."),
        service=lambda cleaned: paying.paying_account_enter(actor=actor, data=paying.PayingData(**cleaned)),
        context={
            "title": _("Enter a paying account"), "submit_label": _("Enter"), **back(),
            "lead": _("Payments in this currency are made from this account once another person has confirmed it."),
        },
    )  # fmt: skip


@requires(Permission.PAYING_ACCOUNT_MANAGE, step_up=True)
@form_page
def confirm(request: HttpRequest, account: int) -> HttpResponse:
    """Confirm an account that another person entered."""
    actor = request.actor  # type: ignore[attr-defined]
    found = paying_account_get(actor, account)
    return post_form(
        request, forms.PayingNumberForm, success_url=reverse("disbursement:paying"), success=_("Payments are made from this account now."),
        service=lambda cleaned: paying.paying_account_confirm(actor=actor, account=found, number=cleaned["number"]),
        context={
            "title": _("Confirm a paying account"), "submit_label": _("Confirm"), **back(),
            "lead": _("%(currency)s at %(bank)s, account %(number)s. The account in force before it ends.")
            % {"currency": found.currency, "bank": found.bank_name, "number": found.number.masked},
        },
    )  # fmt: skip


@requires(Permission.PAYING_ACCOUNT_MANAGE, step_up=True)
@require_POST
def reject(request: HttpRequest, account: int) -> HttpResponse:
    """Do away with an account that waits."""
    actor = request.actor  # type: ignore[attr-defined]
    paying.paying_account_reject(actor=actor, account=paying_account_get(actor, account))
    return done(request, reverse("disbursement:paying"), _("The account is rejected."))
