"""Identity checks, duplicates, visits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.access.services import can
from apps.applications import forms, services
from apps.applications.models import Document, DuplicateFinding, VisitReport
from apps.applications.selectors import visit_read
from apps.applications.selectors.reading import visitors_of
from apps.applications.views.finding import FORM_METHODS, found_case, paper_of, party_of, row_of, stage_url
from apps.borrowers.acting import access_get
from apps.borrowers.duplicates import DuplicateKind
from apps.core.labels import labelled
from apps.core.pages import post_form
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.forms import NothingMoreForm
from apps.workflow.stage_pages import stage_form

CHECK, VISIT = Permission.IDENTITY_CHECK, Permission.VISIT_REPORT


@requires(CHECK)
@require_http_methods(FORM_METHODS)
def identity(request: HttpRequest, number: str, party: int) -> HttpResponse:
    """Enter a check of somebody's identity."""
    actor, case = found_case(request, number, CHECK)
    person = party_of(case, party)

    def check(cleaned: dict[str, Any]) -> Any:
        paper = paper_of(actor, case, cleaned, "identity_evidence")
        return services.identity_check_record(
            actor=actor, case=case, party=person, method=cleaned["method"], checked_on=cleaned["checked_on"],
            passed=cleaned["passed"], evidence=cleaned["evidence"], document=paper,
        )  # fmt: skip

    return stage_form(
        request, case, forms.IdentityForm, service=check, title=_("Check an identity"), lead=person.name.masked,
        back_url=stage_url(case, "identity"), success=_("The check was entered under your name."),
    )  # fmt: skip


@requires(CHECK)
@require_http_methods(FORM_METHODS)
def applicant(request: HttpRequest, number: str, access: int) -> HttpResponse:
    """Say how one made sure that an applicant is who they say."""
    actor, case = found_case(request, number, CHECK)
    claim = access_get(case.borrower, access)
    name = (claim.party or claim.account.person).name.masked
    return stage_form(
        request, case, forms.ApplicantForm, title=_("Confirm an applicant"), back_url=stage_url(case, "identity"),
        lead=_("%(person)s registered by themselves and entered this business. Confirm only what you know from somewhere else than"
               " from this account.") % {"person": name},
        submit_label=_("Confirm"), success=_("The applicant is confirmed under your name."),
        service=lambda cleaned: services.applicant_confirm(actor=actor, case=case, access=claim, how=cleaned["how"]),
    )  # fmt: skip


@requires(CHECK)
@require_http_methods(FORM_METHODS)
def scan(request: HttpRequest, number: str) -> HttpResponse:
    """Look again for duplicates."""
    actor, case = found_case(request, number, CHECK)
    return stage_form(
        request, case, NothingMoreForm, title=_("Look for duplicates"), back_url=stage_url(case, "duplicates"),
        lead=_("Identifiers, people, phones and accounts are compared with all borrowers of the institution."),
        submit_label=_("Look for duplicates"), success=_("The comparison is done."),
        service=lambda _cleaned: services.duplicates_scan(actor=actor, case=case),
    )  # fmt: skip


@requires(CHECK)
@require_http_methods(FORM_METHODS)
def duplicate(request: HttpRequest, number: str, finding: int) -> HttpResponse:
    """Settle what is shared with another borrower."""
    actor, case = found_case(request, number, CHECK)
    found = row_of(DuplicateFinding.objects.filter(case=case).select_related("other", "case__borrower"), finding, case)
    seen = bool(can(actor, Permission.BORROWER_VIEW, found.other))
    other = found.other.legal_name if seen else _("borrower %(number)s of another branch") % {"number": found.other_id}
    lead = labelled(capfirst(DuplicateKind(found.kind).label), other)
    return post_form(
        request, forms.DuplicateForm, success=_("The duplicate is settled."), success_url=stage_url(case, "duplicates"),
        context={"title": _("Settle a duplicate"), "lead": lead, "back_url": stage_url(case, "duplicates"),
                 "back_label": f"{case.number} · {case.borrower.legal_name}"},
        service=lambda cleaned: services.duplicate_settle(actor=actor, finding=found, **cleaned),
    )  # fmt: skip


@requires(VISIT)
@require_http_methods(FORM_METHODS)
def visit_add(request: HttpRequest, number: str) -> HttpResponse:
    """File a visit report with its photographs."""
    actor, case = found_case(request, number, VISIT)

    def report(cleaned: dict[str, Any]) -> Any:
        photographs = [(upload.file, upload.name) for upload in cleaned["photographs"]]
        return services.visit_report_file(
            actor=actor, case=case, data=forms.VisitForm.report(cleaned), photographs=photographs
        )

    return stage_form(
        request, case, forms.VisitForm, service=report, title=_("Report a visit"), back_url=stage_url(case, "visit"),
        success=_("The report was filed. It counts once the second visitor has confirmed it."),
        options={"actor_person": actor.person_id},
    )  # fmt: skip


@requires(Permission.CASE_VIEW)
@require_safe
def visit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A visit report in full; reading it is recorded."""
    actor, case = found_case(request, number, Permission.CASE_VIEW)
    found = row_of(VisitReport.objects.filter(case=case).select_related("case", "key_owner"), pk, case)
    photographs = list(Document.objects.filter(visit=found).select_related("file").order_by("id"))
    shown = {
        "case": case, "visit": visit_read(actor, found), "photographs": photographs,
        "visitors": visitors_of(found),
        "may_confirm": found.confirmed_at is None and found.second_visitor_id == actor.person_id,
        "may_open": bool(can(actor, Permission.DOCUMENT_VIEW, case)),
    }  # fmt: skip
    return render(request, "applications/visit.html", shown)


@requires(VISIT)
@require_http_methods(FORM_METHODS)
def visit_confirm(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Confirm a report as the second visitor."""
    actor, case = found_case(request, number, VISIT)
    found = row_of(VisitReport.objects.filter(case=case).select_related("case__borrower"), pk, case)
    return stage_form(
        request, case, NothingMoreForm, title=_("Confirm the visit"), back_url=stage_url(case, "visit"),
        lead=_("You were there and the report says what you saw?"), submit_label=_("Confirm"), success=_("The visit is confirmed."),
        service=lambda _cleaned: services.visit_confirm(actor=actor, visit=found),
    )  # fmt: skip
