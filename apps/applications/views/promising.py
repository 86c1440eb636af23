"""Consents and the declaration."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.applications import forms, services
from apps.applications.kinds import CONSENT, DECLARATION
from apps.applications.models import Consent
from apps.applications.policy import DECLARATION_TEXTS, DECLARATION_VERSION
from apps.applications.views.finding import FORM_METHODS, found_case, paper_of, party_of, row_of, stage_url
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.stage_pages import stage_form
from apps.workflow.states import State

EDIT = Permission.APPLICATION_EDIT


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def consents(request: HttpRequest, number: str) -> HttpResponse:
    """Enter the consents that a signed sheet holds."""
    actor, case = found_case(request, number, EDIT)

    def give(cleaned: dict[str, Any]) -> Any:
        party = party_of(case, cleaned["party"])
        paper = paper_of(actor, case, cleaned, CONSENT)
        return services.consents_give(
            actor=actor, case=case, kinds=cleaned["kinds"], party=party, given_on=cleaned["given_on"], document=paper
        )

    return stage_form(
        request, case, forms.ConsentsForm, service=give, title=_("Enter consents"), back_url=stage_url(case, "consents"),
        success=_("The consents were entered."), lead=_("The signed sheet is scanned and attached; each consent is kept on its own."),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def consent_withdraw(request: HttpRequest, number: str, consent: int) -> HttpResponse:
    """Take a consent back."""
    actor, case = found_case(request, number, EDIT)
    found = row_of(Consent.objects.filter(case=case), consent, case)
    ends = case.state != State.DRAFT
    lead = _("Without this consent nothing is processed any more: the case ends as withdrawn.") if ends else _(
        "The draft cannot be submitted without this consent.")  # fmt: skip
    return stage_form(
        request, case, forms.WithdrawConsentForm, title=_("Withdraw a consent"), back_url=stage_url(case, "consents"), lead=lead,
        success=_("The consent was withdrawn."), submit_label=_("Withdraw"), danger=True,
        service=lambda cleaned: services.consent_withdraw(
            actor=actor, case=case, version=cleaned["version"], consent=found, reason=cleaned["reason"]
        ),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def declaration(request: HttpRequest, number: str) -> HttpResponse:
    """Enter the signer's declaration."""
    actor, case = found_case(request, number, EDIT)

    def sign(cleaned: dict[str, Any]) -> Any:
        party = party_of(case, cleaned["party"])
        paper = paper_of(actor, case, cleaned, DECLARATION)
        return services.declaration_sign(
            actor=actor, case=case, version=None, party=party, signed_on=cleaned["signed_on"], document=paper
        )

    return stage_form(
        request, case, forms.DeclarationForm, service=sign, title=_("Declaration"), back_url=stage_url(case, "declaration"),
        success=_("The declaration was entered."), lead=DECLARATION_TEXTS[DECLARATION_VERSION],
    )  # fmt: skip
