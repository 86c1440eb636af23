"""The borrower's cases: the list, one case, and documents handed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.looks import list_seen
from apps.accounts.selectors import registration_open
from apps.applications.services import document_add
from apps.applications.views.finding import uploads_of
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.gathered import gather
from apps.core.pages import hang, post_form
from apps.core.permissions import Permission
from apps.core.requires import public, requires
from apps.portal import selectors
from apps.portal.forms import HandInForm, PeriodForm, SettleForm
from apps.portal.loans import loan_shown, own_account, quote_on
from apps.post_loan.models import Loan
from apps.post_loan.rules import SettlementQuote
from apps.post_loan.selectors import loan_get, loans_visible_to
from apps.workflow.selectors import case_get

FORM = ["GET", "HEAD", "POST"]


@requires(Permission.PORTAL_USE)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The borrower's applications and what each awaits."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = selectors.cases_shown(actor, request.GET.get("cursor", ""))
    list_seen(request, Tag.CASES_LISTED, len(page.rows))
    return render(
        request,
        "portal/home.html",
        {"page": page, "lines": page.rows, "may_apply": bool(actor.borrower_ids) or registration_open()},
    )


@requires(Permission.PORTAL_USE)
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One application."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number)
    gather(found, found.borrower)
    return render(request, "portal/case.html", selectors.case_shown(actor, found))


@requires(Permission.PORTAL_USE)
@require_http_methods(FORM)
def document(request: HttpRequest, number: str) -> HttpResponse:
    """Hand in a document."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_get(actor, number)
    here = reverse("portal:case", args=[number])
    return post_form(
        request, HandInForm, success_url=here, success=_("Thank you. The document is with your application."),
        service=lambda cleaned: document_add(
            actor=actor, case=found, code=cleaned["code"], stream=cleaned["file"].file, name=cleaned["file"].name
        ),
        initial={"code": request.GET.get("code", "")},
        context={"title": _("Hand in a document"), "submit_label": _("Hand in"), "back_url": here, "back_label": found.number, **uploads_of(found, here)},
    )  # fmt: skip


@requires(Permission.PORTAL_USE)
@require_safe
def loans(request: HttpRequest) -> HttpResponse:
    """The borrower's loans."""
    page = loans_visible_to(request.actor, cursor=request.GET.get("cursor", ""), limit=20)  # type: ignore[attr-defined]
    list_seen(request, Tag.LOANS_LISTED, len(page.rows))
    return render(request, "portal/loans.html", {"page": page, "loans": page.rows})


@requires(Permission.PORTAL_USE)
@require_safe
def loan(request: HttpRequest, number: str) -> HttpResponse:
    """Balance, next instalment and schedule of one loan."""
    found = loan_get(request.actor, number)  # type: ignore[attr-defined]
    record_read(Tag.LOAN_READ, actor=request.actor, subject=found, case=found.case, purpose=Purpose("task:loan"))  # type: ignore[attr-defined]
    shown = {**loan_shown(found), "account": own_account(found), "period_form": PeriodForm()}
    return render(request, "portal/loan.html", shown)


@requires(Permission.PORTAL_USE)
@require_safe
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """What settles a loan on a day, and how to go about it."""
    found = loan_get(request.actor, number)  # type: ignore[attr-defined]
    record_read(Tag.LOAN_READ, actor=request.actor, subject=found, case=found.case, purpose=Purpose("task:loan"))  # type: ignore[attr-defined]
    form = SettleForm(request.GET if "on" in request.GET else {"on": clock.today().isoformat()})
    shown = {"loan": found, "form": form, "account": own_account(found), "quote": _quoted(found, form)}
    return render(request, "portal/settle.html", shown, status=200 if form.is_valid() else 400)


def _quoted(loan: Loan, form: SettleForm) -> SettlementQuote | None:
    if not form.is_valid():
        return None
    try:
        return quote_on(loan, form.cleaned_data["on"])
    except BadInput as error:
        hang(form, error)
        return None


@public
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """How to keep one's account safe, and how we never write or call; the sign-in page leads here too."""
    return render(request, "portal/safety.html")
