"""Payments over all cases: what waits for whom, and the bank's answers as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.looks import list_seen
from apps.access.services import can
from apps.audit.tags import Tag
from apps.core.errors import BadInput
from apps.core.pages import hang
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement import forms
from apps.disbursement.selectors import PaymentFilter, payments_visible_to
from apps.disbursement.services.answering import bank_answers_take


@requires(Permission.PAYMENT_PREPARE, Permission.PAYMENT_RELEASE, Permission.PAYMENT_CONFIRM)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Payments that the actor may see, newest first; those that wait for somebody unless a state is chosen."""
    actor, form = request.actor, forms.PaymentListForm(request.GET)  # type: ignore[attr-defined]
    form.is_valid()
    wanted = PaymentFilter(state=form.cleaned_data.get("state", ""))
    page = payments_visible_to(actor, wanted, request.GET.get("cursor", ""))
    may_answer = can(actor, Permission.PAYMENT_CONFIRM).allowed
    list_seen(request, Tag.PAYMENTS_LISTED, len(page.rows))
    return render(
        request, "disbursement/waiting.html", {"page": page, "rows": page.rows, "form": form, "may_answer": may_answer}
    )


@requires(Permission.PAYMENT_CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: HttpRequest) -> HttpResponse:
    """Take the bank's answers from a file, and show what became of each line."""
    form = forms.AnswersForm(request.POST or None, request.FILES or None)
    shown = {
        "form": form, "title": _("The bank's answers"), "back_url": reverse("disbursement:payments"), "back_label": _("Payments"),
        "submit_label": _("Take the answers"),
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, "disbursement/answers.html", shown, status=400 if request.method == "POST" else 200)
    try:
        content = form.cleaned_data["file"].read()
        shown["results"] = bank_answers_take(actor=request.actor, content=content)  # type: ignore[attr-defined]
    except BadInput as error:
        hang(form, error)
        return render(request, "disbursement/answers.html", shown, status=400)
    return render(request, "disbursement/answers.html", shown)
