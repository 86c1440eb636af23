"""Pages of payments: prepared by the maker, released by the checker, answered by the bank."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.passkeys import asking
from apps.approval.views.confirming import confirmed_or_signed
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import figures
from apps.core.pages import done, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement import forms, services
from apps.disbursement.models import Drawdown
from apps.disbursement.selectors.pages import drawdown_of, payments_page, release_page
from apps.disbursement.services.invoices import InvoiceGiven
from apps.disbursement.services.preparing import Draw
from apps.disbursement.uploads import paper_of
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form

form_page = require_http_methods(["GET", "HEAD", "POST"])


def payments_url(case: LoanCase) -> str:
    """Address of the list of payments."""
    return reverse("disbursement:payments", args=[case.number])


@requires(Permission.PAYMENT_VIEW)
@require_GET
def payments(request: HttpRequest, number: str) -> HttpResponse:
    """Facilities with what is left of them, and every payment."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_VIEW)
    record_read(Tag.PAYMENTS_LISTED, actor=actor, subject=case, case=case, purpose=Purpose(f"task:{case.state}"))
    return render(request, "disbursement/payments.html", payments_page(actor, case))


@requires(Permission.PAYMENT_PREPARE)
@form_page
def prepare(request: HttpRequest, number: str) -> HttpResponse:
    """Prepare a payment."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_PREPARE)

    def service(cleaned: dict[str, Any]) -> object:
        draw = Draw(cleaned["facility"], cleaned["amount"], cleaned["payee"], cleaned["purpose"], cleaned["bill"])
        return services.payment_prepare(
            actor=actor, case=case, version=cleaned["version"], draw=draw, invoice=invoice_typed(cleaned),
        )  # fmt: skip

    return stage_form(
        request, case, forms.DrawForm, service=service, title=_("Prepare a payment"), back_url=payments_url(case),
        submit_label=_("Prepare"), success=_("The payment is prepared; another person releases it."),
    )  # fmt: skip


def invoice_typed(cleaned: dict[str, Any]) -> InvoiceGiven | None:
    """The invoice that was entered with a payment, if one was."""
    if not cleaned["invoice_entered"]:
        return None
    return InvoiceGiven(
        cleaned["supplier"], cleaned["invoice_number"], cleaned["invoice_amount"], cleaned["invoice_currency"],
        paper_of(cleaned["invoice"]),
    )  # fmt: skip


@requires(Permission.PAYMENT_RELEASE)
@form_page
@confirmed_or_signed
def release(request: HttpRequest, number: str, drawdown: int) -> HttpResponse:
    """Exactly what goes out and its fingerprint, then the release, signed."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_RELEASE)
    current = drawdown_of(case, drawdown)
    shown = release_page(actor, current)
    shown["passkey"] = asking.asked(
        request, request.session_record.account, over=shown["signing"].decision.fingerprint  # type: ignore[attr-defined]
    )  # fmt: skip
    return stage_form(
        request, case, NothingMoreForm, title=_("Release the payment"), template="disbursement/release.html", back_url=payments_url(case),
        submit_label=_("Release"), success=_("The payment is released and goes to the bank."), context=shown,
        service=lambda cleaned: services.payment_release(
            actor=actor, drawdown=current, version=cleaned["version"],
            challenge=request.POST.get("challenge", "") or NOT_SHOWN, answer=asking.signed(request),
        ),
    )  # fmt: skip


NOT_SHOWN = "-"
"""Stands for a challenge that a form does not bring: no page was shown, so nothing is released."""


@requires(Permission.PAYMENT_PREPARE)
@require_POST
def cancel(request: HttpRequest, number: str, drawdown: int) -> HttpResponse:
    """Take a prepared payment back."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_PREPARE)
    services.payment_cancel(actor=actor, drawdown=drawdown_of(case, drawdown))
    return done(request, payments_url(case), _("The payment is taken back."))


@requires(Permission.PAYMENT_CONFIRM)
@form_page
def confirm(request: HttpRequest, number: str, drawdown: int) -> HttpResponse:
    """Enter what the bank answered."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.PAYMENT_CONFIRM)
    current = drawdown_of(case, drawdown)
    return post_form(
        request, forms.ConfirmPaymentForm, success_url=payments_url(case), success=_("The bank's answer is recorded."),
        context={"title": _("The bank's answer"), "lead": _asked(current), "back_url": payments_url(case), "back_label": case.number},
        service=lambda cleaned: services.bank_answer(actor=actor, drawdown=current, **cleaned),
    )  # fmt: skip


def _asked(drawdown: Drawdown) -> str:
    """What the bank was asked to pay, above the form of its answer."""
    order = drawdown.order
    words = {
        "amount": f"{order.currency} {figures.amount(order.amount, order.currency)}",
        "to": f"{drawdown.payee.bank_name} {drawdown.payee.number.masked}",
        "order": order.end_to_end_id,
    }
    return str(_("%(amount)s to %(to)s, order %(order)s.") % words)
