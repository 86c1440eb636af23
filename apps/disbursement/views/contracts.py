"""Pages of the contract."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.applications.views.finding import uploads_of
from apps.applications.views.pieces import takes_pieces
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement import forms
from apps.disbursement.selectors.pages import contract_page, party_line
from apps.disbursement.services import contracts, signing
from apps.disbursement.services.reading import contract_open
from apps.disbursement.uploads import paper_given
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form

form_page = require_http_methods(["GET", "HEAD", "POST"])


def contract_url(case: LoanCase) -> str:
    """Address of the contract's page."""
    return reverse("disbursement:contract", args=[case.number])


@requires(Permission.PAYMENT_VIEW, Permission.CONTRACT_MANAGE, Permission.CONTRACT_SIGN)
@require_GET
def contract(request: HttpRequest, number: str) -> HttpResponse:
    """The contract that stands, its signing list, and what is to be done."""
    case = case_get(request.actor, number)  # type: ignore[attr-defined]
    return render(request, "disbursement/contract.html", contract_page(request.actor, case))  # type: ignore[attr-defined]


@requires(Permission.CONTRACT_MANAGE)
@form_page
def contract_make(request: HttpRequest, number: str) -> HttpResponse:
    """Draw the contract up."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONTRACT_MANAGE)
    return stage_form(
        request, case, NothingMoreForm, title=_("Draw up the contract"), template="workflow/step.html", back_url=contract_url(case), submit_label=_("Draw up and seal"),
        lead=_("The contract is set in English and Chinese from the accepted terms and sealed by its fingerprint. An older one is voided."),
        success=_("The contract is drawn up."),
        service=lambda cleaned: contracts.contract_make(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip


@requires(Permission.CONTRACT_MANAGE)
@form_page
@takes_pieces("paper")
def party_signed(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """Record a signature given on paper."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONTRACT_MANAGE)
    party = party_line(case, line)
    return stage_form(
        request, case, forms.PartySignedForm, title=_("Record a signature"), lead=_("%(name)s signs as %(role)s.") % {"name": party.party.name.masked, "role": party.get_role_display()}, back_url=contract_url(case),
        success=_("The signature is recorded; the second witness confirms it."), context=uploads_of(case, field="paper"), options={"actor_person": actor.person_id},
        service=lambda cleaned: signing.party_signed(
            actor=actor, case=case, version=cleaned["version"], line=party, signed_on=cleaned["signed_on"],
            paper=paper_given(cleaned["paper"]), second_witness_id=cleaned["second_witness"],
        ),
    )  # fmt: skip


@requires(Permission.CASE_MESSAGE)
@form_page
def signature_confirm(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """Confirm a recorded signature as its second witness."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CASE_MESSAGE)
    party = party_line(case, line)
    return stage_form(
        request, case, NothingMoreForm, title=_("Confirm a signature"), back_url=contract_url(case), submit_label=_("Confirm"),
        lead=_("You compared the signed page of %(name)s with the sealed contract, and both are the same? Where they differ, do not confirm: the contract is drawn up and signed anew.")
        % {"name": party.party.name.masked},
        success=_("The signature is confirmed by both witnesses."),
        service=lambda cleaned: signing.signature_confirm(actor=actor, case=case, version=cleaned["version"], line=party),
    )  # fmt: skip


@requires(Permission.CONTRACT_SIGN)
@form_page
def contract_conclude(request: HttpRequest, number: str) -> HttpResponse:
    """Conclude for the bank."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONTRACT_SIGN)
    return stage_form(
        request, case, NothingMoreForm, title=_("Sign the contract for the bank"), template="workflow/step.html", back_url=contract_url(case), submit_label=_("Conclude the contract"),
        lead=_("Every party has signed and the papers were compared. The conditions before payout follow."),
        success=_("The contract is concluded."), success_url=case.get_absolute_url(),
        service=lambda cleaned: contracts.contract_conclude(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip


@requires(Permission.PAYMENT_VIEW, Permission.CONTRACT_MANAGE, Permission.CONTRACT_SIGN)
@require_GET
def contract_file(request: HttpRequest, number: str, language: str) -> FileResponse:
    """The contract as PDF; opening it is recorded."""
    case = case_get(request.actor, number)  # type: ignore[attr-defined]
    stream = contract_open(actor=request.actor, case=case, language=language)  # type: ignore[attr-defined]
    return FileResponse(stream, content_type="application/pdf", filename=f"{case.number}-{language}.pdf")
