"""Steps that move an application: submit, accept, decline on policy, correct."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.applications import forms, guards, services
from apps.applications.kinds import CONFIRMATION
from apps.applications.selectors import application_read
from apps.applications.services import Confirmation
from apps.applications.views.finding import FORM_METHODS, found_case, paper_of, party_of, scan_of
from apps.borrowers.views.changes import masks
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.forms import NothingMoreForm
from apps.workflow.stage_pages import stage_form

P = Permission


@requires(P.APPLICATION_SUBMIT)
@require_http_methods(FORM_METHODS)
def submit(request: HttpRequest, number: str) -> HttpResponse:
    """Submit a draft."""
    actor, case = found_case(request, number, P.APPLICATION_SUBMIT)
    return stage_form(
        request, case, NothingMoreForm, title=_("Submit the application"), submit_label=_("Submit"),
        success=_("The application was submitted."),
        lead=_("It goes to intake as it stands and is kept in this version. Later changes are corrections that the borrower confirms."),
        service=lambda cleaned: services.application_submit(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip


@requires(P.APPLICATION_ACCEPT)
@require_http_methods(FORM_METHODS)
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept an application for review."""
    actor, case = found_case(request, number, P.APPLICATION_ACCEPT)
    return stage_form(
        request, case, NothingMoreForm, title=_("Accept for review"), submit_label=_("Accept for review"),
        success=_("The case is in credit review."),
        lead=_("Documents, identities and duplicates are checked. The case goes to the credit analysts."),
        service=lambda cleaned: services.application_accept(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip


@requires(P.APPLICATION_KNOCK_OUT)
@require_http_methods(FORM_METHODS)
def knock_out(request: HttpRequest, number: str) -> HttpResponse:
    """Decline on knock-outs that the rules find."""
    actor, case = found_case(request, number, P.APPLICATION_KNOCK_OUT)
    found = guards.knock_outs_of(case)
    lead = _("The policy never lends where one of these applies. The borrower gets a letter with the reasons.") if found else _(
        "No policy knock-out applies to this case. Only the credit analyst can decline it.")  # fmt: skip
    return stage_form(
        request, case, forms.KnockOutForm, title=_("Decline on policy"), submit_label=_("Decline"), danger=True, lead=lead,
        success=_("The application was declined."), options={"found": found}, context={"nothing_to_do": not found},
        service=lambda cleaned: services.knock_out(
            actor=actor, case=case, version=cleaned["version"], reasons=cleaned["reasons"], text=cleaned["text"]
        ),
    )  # fmt: skip


@requires(P.APPLICATION_CORRECT)
@require_http_methods(FORM_METHODS)
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Correct a submitted application, with the borrower's confirmation."""
    actor, case = found_case(request, number, P.APPLICATION_CORRECT)
    shown, secrets = application_read(actor, case), forms.CorrectForm.secrets
    clear = ("legal_name", "identifier_kind", "industry", "founded_on", "employees", "region")
    words = {"purpose": shown.purpose, "repayment_source": shown.repayment_source, "narrative": shown.narrative}

    def save(cleaned: dict[str, Any]) -> Any:
        scan = scan_of(cleaned)
        paper = None if scan else paper_of(actor, case, cleaned, CONFIRMATION)
        party = party_of(case, cleaned["party"])
        return services.application_correct(
            actor=actor, case=case, version=cleaned["version"], correction=forms.CorrectForm.correction(cleaned, case),
            confirmation=Confirmation(party=party, confirmed_on=cleaned["confirmed_on"], document=paper, scan=scan),
        )  # fmt: skip

    return stage_form(
        request, case, forms.CorrectForm, service=save, title=_("Correct the application"), submit_label=_("Correct"),
        success=_("The application was corrected; both versions are kept."), options={"stored": masks(case.borrower, secrets)},
        initial={**words, **{name: getattr(case.borrower, name) for name in clear}},
        lead=_(
            "The borrower confirms every correction. Who corrects has prepared the application: others review, value and sign it."
            " From the collateral check on, the case goes back to credit review, where score and memo are made anew."
        ),
    )  # fmt: skip
