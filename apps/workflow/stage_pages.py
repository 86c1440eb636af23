"""The way of a stage's form: the case its reader saw, one service, and what has changed where somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.core.pages import post_form
from apps.workflow.forms import CaseForm
from apps.workflow.models import LoanCase

Service = Callable[[dict[str, Any]], Any]


def stage_form(
    request: HttpRequest, case: LoanCase, form: type[CaseForm], *, service: Service, title: Any, back_url: str = "",
    template: str = "core/form_page.html", lead: Any = "", submit_label: Any = "", success: Any = "", success_url: str = "",
    danger: bool = False, initial: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """Show a form about a case, or take it and call ``service(cleaned_data)``; then go to ``success_url`` or ``back_url``."""
    back = back_url or case.get_absolute_url()
    words = {
        "title": title, "lead": lead, "danger": danger, "case": case, "back_url": back,
        "back_label": f"{case.number} · {case.borrower.legal_name}", **({"submit_label": submit_label} if submit_label else {}),
    }  # fmt: skip
    return post_form(
        request, form, service=service, template=template, success=success, success_url=success_url or back, initial=initial,
        context={**words, **(context or {})}, options={"case": case, **(options or {})},
    )  # fmt: skip
