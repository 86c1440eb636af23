"""Entering figures: statements, bureau reports, guarantors, alerts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.borrowers.models import Party
from apps.core.errors import BadInput
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.credit_review import forms, intake, services
from apps.credit_review.forms.people import bureau_figures
from apps.credit_review.forms.statements import statements_initial
from apps.credit_review.selectors import alert_of, statements_of
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form

form_page = require_http_methods(["GET", "HEAD", "POST"])
EDIT = Permission.CREDIT_EDIT


def review_url(case: LoanCase) -> str:
    """Address of the review's overview."""
    return reverse("credit_review:review", args=[case.number])


@requires(EDIT)
@form_page
def statements(request: HttpRequest, number: str) -> HttpResponse:
    """Three years side by side."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)

    def save(cleaned: dict[str, Any]) -> LoanCase:
        try:
            return services.statements_save(actor=actor, case=case, version=cleaned["version"], years=cleaned["years"])
        except BadInput as error:
            raise BadInput(_placed(error, cleaned["columns"])) from error

    return stage_form(
        request, case, forms.StatementsForm, service=save, title=_("Financial statements"), back_url=review_url(case),
        template="credit_review/statements.html", success=_("The statements are in."),
        initial=statements_initial(case, statements_of(case)),
    )  # fmt: skip


def _placed(error: BadInput, columns: list[int]) -> dict[str, list[Any]]:
    """Errors of the years given, moved to the columns they were typed in."""
    placed = {}
    for key, lines in error.errors.items():
        name, _mark, position = key.rpartition("_")
        placed[f"{name}_{columns[int(position)]}" if position.isdigit() else key] = lines
    return placed


@requires(EDIT)
@form_page
def bureau(request: HttpRequest, number: str) -> HttpResponse:
    """A bureau report."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)

    def save(cleaned: dict[str, Any]) -> Any:
        return services.bureau_report_enter(
            actor=actor, case=case, version=cleaned["version"], party=party_of(cleaned["party"]), bureau=cleaned["bureau"],
            report_date=cleaned["report_date"], figures=bureau_figures(cleaned), document_id=cleaned["document_id"],
        )  # fmt: skip

    return stage_form(
        request, case, forms.BureauForm, service=save, title=_("Bureau report"), back_url=review_url(case),
        lead=_("Copy the report by hand. Its figures are kept encrypted; looking at them later is recorded."),
        success=_("The bureau report is in."), options={"documents": intake.papers(case, intake.REPORT)},
    )  # fmt: skip


def party_of(party_id: int | None) -> Party | None:
    """The party of an id that a form offered."""
    return None if party_id is None else Party.objects.select_related("key_owner").get(pk=party_id)


@requires(EDIT)
@form_page
def guarantor_add(request: HttpRequest, number: str) -> HttpResponse:
    """A new guarantor."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)

    def save(cleaned: dict[str, Any]) -> Any:
        return services.guarantor_add(
            actor=actor, case=case, version=cleaned["version"], party=Party.objects.get(pk=cleaned["party"]),
            kind=cleaned["kind"], amount=cleaned["amount"], net_worth=cleaned["net_worth"],
        )  # fmt: skip

    return stage_form(
        request, case, forms.GuarantorForm, service=save, title=_("Add a guarantor"), back_url=review_url(case),
        success=_("The guarantor is on the case."),
    )  # fmt: skip


@requires(EDIT)
@form_page
def alert_explain(request: HttpRequest, number: str, alert: int) -> HttpResponse:
    """Explain an alert."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)
    found = alert_of(actor, case, alert)
    return stage_form(
        request, case, forms.ExplanationForm, title=_("Explain: %(alert)s") % {"alert": found.alert.get_kind_display()},
        lead=found.note or found.alert.text, back_url=review_url(case), success=_("The alert is explained."),
        initial={"explanation": found.explanation},
        service=lambda cleaned: services.alert_explain(
            actor=actor, case=case, version=cleaned["version"], alert_id=alert, explanation=cleaned["explanation"],
        ),
    )  # fmt: skip


@requires(EDIT)
@form_page
def alert_note(request: HttpRequest, number: str) -> HttpResponse:
    """Raise an alert in one's own words."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)
    return stage_form(
        request, case, forms.NoteForm, title=_("Raise an alert"), back_url=review_url(case), success=_("The alert is raised."),
        service=lambda cleaned: services.alert_note(actor=actor, case=case, version=cleaned["version"], note=cleaned["note"]),
    )  # fmt: skip
