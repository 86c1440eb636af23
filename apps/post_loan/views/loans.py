"""The list of loans and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.looks import list_seen
from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core.pages import done, post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.post_loan import forms, selectors, services
from apps.post_loan.models import Loan

form_page = require_http_methods(["GET", "HEAD", "POST"])


def loan_url(loan: Loan) -> str:
    """Address of a loan's page."""
    return reverse("post_loan:loan", args=[loan.number])


@requires(Permission.LOAN_VIEW)
@require_GET
def loans(request: HttpRequest) -> HttpResponse:
    """Loans the actor may see, newest first."""
    form = forms.LoanListForm(request.GET)
    form.is_valid()
    wanted = selectors.LoanFilter(
        state=form.cleaned_data.get("state", ""), overdue=form.cleaned_data.get("overdue", False),
        entered=form.cleaned_data.get("entered", False),
    )  # fmt: skip
    page = selectors.loans_visible_to(request.actor, wanted, request.GET.get("cursor", ""))  # type: ignore[attr-defined]
    rows = [(loan, selectors.days_late(loan)) for loan in page.rows]
    list_seen(request, Tag.LOANS_LISTED, len(rows))
    return render(request, "post_loan/loans.html", {"page": page, "rows": rows, "form": form})


@requires(Permission.LOAN_VIEW)
@require_GET
def loan(request: HttpRequest, number: str) -> HttpResponse:
    """Schedule, balance, repayments and what may be done."""
    found = selectors.loan_get(request.actor, number)  # type: ignore[attr-defined]
    record_read(Tag.LOAN_READ, actor=request.actor, subject=found, case=found.case, purpose=Purpose("task:loan"))  # type: ignore[attr-defined]
    return render(request, "post_loan/loan.html", selectors.loan_page(request.actor, found))  # type: ignore[attr-defined]


@requires(Permission.REPAYMENT_POST)
@form_page
def repayment_enter(request: HttpRequest, number: str) -> HttpResponse:
    """Enter money received."""
    actor = request.actor  # type: ignore[attr-defined]
    found = selectors.loan_get(actor, number, Permission.REPAYMENT_POST)
    return post_form(
        request, forms.RepaymentForm, success_url=loan_url(found), success=_("The repayment is entered; another person checks it."),
        service=lambda cleaned: services.repayment_enter(actor=actor, loan=found, **cleaned), options={"loan": found},
        context={"title": _("Enter a repayment"), "back_url": loan_url(found), "back_label": found.number},
    )  # fmt: skip


@requires(Permission.REPAYMENT_CHECK)
@require_POST
def repayment_decide(request: HttpRequest, number: str, repayment: int, decision: str) -> HttpResponse:
    """Post or reject an entered repayment."""
    actor = request.actor  # type: ignore[attr-defined]
    found = selectors.loan_get(actor, number, Permission.REPAYMENT_CHECK)
    entered = selectors.repayment_of(found, repayment)
    if decision == "post":
        services.repayment_post(actor=actor, repayment=entered)
        return done(request, loan_url(found), _("The repayment is posted."))
    services.repayment_reject(actor=actor, repayment=entered)
    return done(request, loan_url(found), _("The repayment is rejected."))


@requires(Permission.LOAN_CLOSE)
@form_page
def loan_close(request: HttpRequest, number: str) -> HttpResponse:
    """Close a settled loan."""
    actor = request.actor  # type: ignore[attr-defined]
    found = selectors.loan_get(actor, number, Permission.LOAN_CLOSE)
    return post_form(
        request, forms.CloseForm, template="core/form_page.html", success_url=loan_url(found), success=_("The loan is closed."),
        service=lambda cleaned: services.loan_close(actor=actor, loan=found, version=cleaned["version"]), options={"loan": found},
        context={
            "title": _("Close the loan"), "back_url": loan_url(found), "back_label": found.number, "submit_label": _("Close the loan"),
            "lead": _("Everything is paid. The loan closes, and with the last one the case, once its collateral is released."),
        },
    )  # fmt: skip
