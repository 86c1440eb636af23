"""The file of a case on paper: asked for with a purpose, then handed out as PDF or as a page to print."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.core.errors import LoanFlowError
from apps.core.pages import keep
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.reports.casefile.file import PDF, CaseFile, case_file_pdf, case_file_take
from apps.reports.forms import CaseFileForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get


@requires(Permission.CASE_VIEW, step_up=True)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_file(request: Any, number: str) -> HttpResponse:
    """Ask what the file is for; then hand it out, which is on record by then."""
    case = case_get(request.actor, number, Permission.CASE_VIEW)
    form = CaseFileForm(request.POST or None)
    shown = {"case": case, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "reports/case_file_ask.html", shown, status=400 if form.is_bound else 200)
    try:
        file = case_file_take(
            actor=request.actor, case=case, form=form.cleaned_data["form"], purpose=form.stated(),
            purpose_label=form.label_of_reason(),
        )  # fmt: skip
        return _handed_out(request, case, file, form.cleaned_data["form"])
    except LoanFlowError as error:
        problem = keep(form, error, request)
        return render(request, "reports/case_file_ask.html", {**shown, "problem": problem}, status=error.status)


def _handed_out(request: Any, case: LoanCase, file: CaseFile, form: str) -> HttpResponse:
    if form != PDF:
        return render(request, "reports/case_file.html", {"case": case, "file": file})
    response = HttpResponse(case_file_pdf(file, case), content_type="application/pdf")
    name = f"{case.number}-{_('file')}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
