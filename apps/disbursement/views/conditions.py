"""Pages of the conditions before payout."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.passkeys import asking
from apps.applications.views.finding import uploads_of
from apps.applications.views.pieces import takes_pieces
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.disbursement import forms
from apps.disbursement.selectors.pages import condition_here, condition_of, conditions_page, evidence_of
from apps.disbursement.services import conditions as services
from apps.disbursement.services import waiving
from apps.disbursement.services.reading import evidence_words
from apps.disbursement.uploads import paper_of
from apps.disbursement.waivers import WaiverShown, Waiving, waiver_prepare
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import LoanCase
from apps.workflow.selectors import case_get
from apps.workflow.services import case_unmoved
from apps.workflow.stage_pages import stage_form

form_page = require_http_methods(["GET", "HEAD", "POST"])


def conditions_url(case: LoanCase) -> str:
    """Address of the list of conditions."""
    return reverse("disbursement:conditions", args=[case.number])


@requires(Permission.PAYMENT_VIEW, Permission.CONDITION_EVIDENCE, Permission.CONDITION_VERIFY)
@require_GET
def conditions(request: HttpRequest, number: str) -> HttpResponse:
    """All conditions, what was given for each, and what is open."""
    case = case_get(request.actor, number)  # type: ignore[attr-defined]
    return render(request, "disbursement/conditions.html", conditions_page(request.actor, case))  # type: ignore[attr-defined]


@requires(Permission.CONDITION_EVIDENCE)
@form_page
@takes_pieces("paper")
def evidence_give(request: HttpRequest, number: str, condition: uuid.UUID) -> HttpResponse:
    """Give evidence for a condition."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONDITION_EVIDENCE)
    asked = condition_here(case, condition)
    return stage_form(
        request, case, forms.EvidenceForm, title=_("Evidence for a condition"), back_url=conditions_url(case), lead=asked.text,
        success=_("The evidence is in; the reviewer decides."), context=uploads_of(case, field="paper"),
        service=lambda cleaned: services.evidence_give(
            actor=actor, case=case, version=cleaned["version"], condition=asked.uuid, note=cleaned["note"], paper=paper_of(cleaned["paper"]),
        ),
    )  # fmt: skip


@requires(Permission.CONDITION_VERIFY)
@form_page
def evidence_decide(request: HttpRequest, number: str, evidence: int) -> HttpResponse:
    """Accept or reject evidence."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONDITION_VERIFY)
    given = evidence_of(case, evidence)
    words = evidence_words(actor=actor, case=case, evidence=given)
    return stage_form(
        request, case, forms.EvidenceDecisionForm, template="disbursement/evidence.html",
        context={"evidence": given, "condition": condition_of(given), "words": words}, title=_("Verify evidence"), back_url=conditions_url(case), success=_("Your decision is recorded."),
        service=lambda cleaned: services.evidence_decide(
            actor=actor, case=case, version=cleaned["version"], evidence=given, accepted=cleaned["decision"] == "accept", remark=cleaned["remark"],
        ),
    )  # fmt: skip


class ToSign(Exception):
    """Leads from the form of a waiver to the page on which it is signed."""

    def __init__(self, shown: WaiverShown) -> None:
        super().__init__(shown.decision.fingerprint)
        self.shown = shown


@requires(Permission.APPROVAL_WAIVE, step_up=True)
@form_page
def condition_waive(request: HttpRequest, number: str, condition: uuid.UUID) -> HttpResponse:
    """Waive or defer a condition: first what and why, then the decision with its fingerprint, signed."""
    actor, challenge = request.actor, request.POST.get("challenge", "")  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.APPROVAL_WAIVE)
    asked = condition_here(case, condition)

    def service(cleaned: dict[str, Any]) -> object:
        if not challenge:
            case_unmoved(case, version=cleaned["version"])
            wanted = Waiving(asked.uuid, cleaned["reason"].strip(), cleaned["deferred_to"])
            raise ToSign(waiver_prepare(actor, case, wanted))
        return waiving.condition_waive(
            actor=actor, case=case, version=cleaned["version"], condition=asked.uuid, reason=cleaned["reason"],
            deferred_to=cleaned["deferred_to"], challenge=challenge, answer=asking.signed(request),
        )  # fmt: skip

    try:
        return stage_form(
            request, case, forms.WaiverForm, title=_("Waive or defer a condition"), lead=asked.text, back_url=conditions_url(case), danger=True,
            submit_label=_("Show what is signed"), success=_("The waiver is signed."), service=service,
        )  # fmt: skip
    except ToSign as made:
        return _to_sign(request, case, made.shown)


def _to_sign(request: HttpRequest, case: LoanCase, shown: WaiverShown) -> HttpResponse:
    """Exactly what is let go and why, with its fingerprint, to be signed."""
    over, account = shown.decision.fingerprint, request.session_record.account  # type: ignore[attr-defined]
    context = {
        "case": case, "shown": shown, "typed": request.POST, "back_url": conditions_url(case),
        "passkey": asking.asked(request, account, over=over),
    }  # fmt: skip
    return render(request, "disbursement/waiver.html", context)


@requires(Permission.CONDITION_VERIFY)
@form_page
def conditions_meet(request: HttpRequest, number: str) -> HttpResponse:
    """Send the case to payout."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.CONDITION_VERIFY)
    return stage_form(
        request, case, NothingMoreForm, title=_("Confirm that the conditions are met"), template="workflow/step.html", back_url=conditions_url(case),
        lead=_("Each condition before payout is accepted, waived or deferred. From here on payments can be prepared."),
        submit_label=_("Go to payout"), success=_("The case is ready for payout."), success_url=case.get_absolute_url(),
        service=lambda cleaned: services.conditions_meet(actor=actor, case=case, version=cleaned["version"]),
    )  # fmt: skip
