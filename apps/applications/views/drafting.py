"""Forms of a draft: business, people, request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.applications import forms, services
from apps.applications.selectors import application_read
from apps.applications.views.finding import FORM_METHODS, found_case, party_of, row_of, stage_url
from apps.borrowers.models import Interest
from apps.borrowers.rules import BusinessData, PartyData
from apps.borrowers.views.changes import kept, masks
from apps.core.errors import NotVisible
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import Facility, LoanCase
from apps.workflow.stage_pages import stage_form

EDIT = Permission.APPLICATION_EDIT


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def business(request: HttpRequest, number: str) -> HttpResponse:
    """Facts of the business."""
    actor, case = found_case(request, number, EDIT)
    secrets = forms.BusinessSectionForm.secrets
    clear = ("legal_name", "identifier_kind", "industry", "founded_on", "employees", "region")

    def save(cleaned: dict[str, Any]) -> Any:
        changes = {name: cleaned[name] for name in BusinessData.__dataclass_fields__}
        return services.business_save(
            actor=actor, case=case, version=cleaned["version"], changes=kept(changes, secrets)
        )

    return stage_form(
        request, case, forms.BusinessSectionForm, service=save, title=_("Business"), back_url=stage_url(case, "business"),
        success=_("The business was saved."), options={"stored": masks(case.borrower, secrets)},
        initial={name: getattr(case.borrower, name) for name in clear},
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def person_add(request: HttpRequest, number: str) -> HttpResponse:
    """A person with all the parts they play."""
    actor, case = found_case(request, number, EDIT)
    form = forms.NewPersonForm
    return stage_form(
        request, case, form, title=_("Enter a person"), back_url=stage_url(case, "people"), success=_("The person was entered."),
        lead=_("Owners, beneficial owners (the human beings behind the business in the end), the legal representative, and who signs."),
        service=lambda cleaned: services.person_add(
            actor=actor, case=case, version=cleaned["version"], data=form.person(cleaned), parts=form.parts(cleaned)
        ),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def person(request: HttpRequest, number: str, party: int) -> HttpResponse:
    """Facts of a person."""
    actor, case = found_case(request, number, EDIT)
    found, secrets = party_of(case, party), forms.PersonSectionForm.secrets

    def save(cleaned: dict[str, Any]) -> Any:
        changes = {name: cleaned[name] for name in PartyData.__dataclass_fields__}
        return services.person_save(
            actor=actor, case=case, version=cleaned["version"], party=found, changes=kept(changes, secrets)
        )

    return stage_form(
        request, case, forms.PersonSectionForm, service=save, title=_("Change a person"), back_url=stage_url(case, "people"),
        success=_("The person was changed."), options={"stored": masks(found, secrets)}, initial={"id_kind": found.id_kind},
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def part_add(request: HttpRequest, number: str, party: int) -> HttpResponse:
    """A further part of a person."""
    actor, case = found_case(request, number, EDIT)
    found, form = party_of(case, party), forms.PartSectionForm
    return stage_form(
        request, case, form, title=_("Add a part"), back_url=stage_url(case, "people"), lead=found.name.masked,
        success=_("The part was added."),
        service=lambda cleaned: services.part_add(
            actor=actor, case=case, version=cleaned["version"], party=found, part=form.part(cleaned)
        ),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def part_end(request: HttpRequest, number: str, interest: int) -> HttpResponse:
    """End a person's part."""
    actor, case = found_case(request, number, EDIT)
    live = Interest.objects.filter(borrower_id=case.borrower_id, ended_on=None).select_related("party")
    found = row_of(live, interest, case)
    lead = _("Does %(person)s no longer act as %(part)s of this business?")
    return stage_form(
        request, case, NothingMoreForm, title=_("End a part"), back_url=stage_url(case, "people"), success=_("The part has ended."),
        lead=lead % {"person": found.party.name.masked, "part": found.get_kind_display()}, submit_label=_("End the part"),
        service=lambda cleaned: services.part_end(actor=actor, case=case, version=cleaned["version"], interest=found),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def request_words(request: HttpRequest, number: str) -> HttpResponse:
    """Purpose, source of repayment and narrative; showing them is recorded."""
    actor, case = found_case(request, number, EDIT)
    shown = application_read(actor, case)
    return stage_form(
        request, case, forms.WordsForm, title=_("Purpose and source of repayment"), back_url=stage_url(case, "request"),
        success=_("Purpose and source of repayment were saved."),
        initial={"purpose": shown.purpose, "repayment_source": shown.repayment_source, "narrative": shown.narrative},
        service=lambda cleaned: services.application_save(
            actor=actor, case=case, version=cleaned["version"], words=forms.WordsForm.words(cleaned)
        ),
    )  # fmt: skip


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def facility(request: HttpRequest, number: str, position: int | None = None) -> HttpResponse:
    """Add a facility, or change one."""
    actor, case = found_case(request, number, EDIT)
    known = _at(case, position) if position else None
    initial = _facts_of(known) if known else {"repayment": case.product.repayment}
    return stage_form(
        request, case, forms.FacilityForm, title=_("Change a facility") if known else _("Add a facility"), initial=initial,
        back_url=stage_url(case, "request"), success=_("The request was saved."),
        service=lambda cleaned: services.facility_save(
            actor=actor, case=case, version=cleaned["version"], ask=forms.FacilityForm.ask(cleaned), position=position
        ),
    )  # fmt: skip


def _at(case: LoanCase, position: int) -> Facility:
    found = Facility.objects.filter(case=case, position=position).first()
    if found is None:
        raise NotVisible(subject=case)
    return found


def _facts_of(facility: Facility) -> dict[str, Any]:
    names = ("kind", "term_months", "repayment", "replaces_id")
    facts = {name.removesuffix("_id"): getattr(facility, name) for name in names}
    return {**facts, "amount": facility.amount.normalize()}


@requires(EDIT)
@require_http_methods(FORM_METHODS)
def facility_remove(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """Take a facility out of the request."""
    actor, case = found_case(request, number, EDIT)
    _at(case, position)
    return stage_form(
        request, case, NothingMoreForm, title=_("Take a facility out"), back_url=stage_url(case, "request"),
        success=_("The facility was taken out."), submit_label=_("Take it out"),
        lead=_("Facility %(number)s is no longer asked for?") % {"number": position},
        service=lambda cleaned: services.facility_remove(
            actor=actor, case=case, version=cleaned["version"], position=position
        ),
    )  # fmt: skip
