"""The list of conditions that are to be met after payout."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.post_loan import forms
from apps.post_loan.selectors.conditions import conditions_due_to


@requires(Permission.LOAN_VIEW)
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """Conditions due, the nearest day first."""
    form = forms.ConditionListForm(request.GET)
    form.is_valid()
    page = conditions_due_to(
        request.actor,  # type: ignore[attr-defined]
        overdue=form.cleaned_data.get("overdue", False),
        cursor=request.GET.get("cursor", ""),
    )
    return render(request, "post_loan/conditions.html", {"page": page, "rows": page.rows, "form": form})
