"""The step of the people: owners, beneficial owners, the legal representative, and who signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from apps.applications import services as applications
from apps.applications.views.finding import party_of, row_of
from apps.borrowers.models import Interest
from apps.borrowers.rules import PartyData
from apps.borrowers.selectors import borrower_shown
from apps.borrowers.views.changes import kept, masks
from apps.core.actor import Actor
from apps.portal import wizard
from apps.portal import wizard_forms as forms
from apps.portal.views.drafts import drafting, step_page, step_words
from apps.workflow.forms import NothingMoreForm
from apps.workflow.models import LoanCase

Cleaned = Mapping[str, Any]


@drafting
def people(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """Who stands behind the business, masked."""
    return render(
        request, "portal/people.html", {**step_words(case, "people"), "people": borrower_shown(case.borrower).people}
    )


def _page(request: HttpRequest, case: LoanCase, form: type[Any], save: Any, **more: Any) -> HttpResponse:
    here = wizard.step_url(case, "people")
    return step_page(request, case, "people", form, save, back_url=here, next_url=here, **more)


@drafting
def person_add(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """A person with the parts they play."""
    form = forms.NewPersonStepForm

    def save(cleaned: Any) -> Any:
        return applications.person_add(
            actor=actor, case=case, version=cleaned["version"], data=form.person(cleaned), parts=form.parts(cleaned)
        )

    return _page(
        request, case, form, save, title=_("Enter a person"), success=_("The person was entered."), keeps=False,
        lead=_("One person may play several parts. Write names as they stand in the identity document."),
    )  # fmt: skip


@drafting
def person(request: HttpRequest, actor: Actor, case: LoanCase, party: int) -> HttpResponse:
    """Facts of a person."""
    found, secrets = party_of(case, party), forms.PersonStepForm.secrets

    def save(cleaned: Cleaned) -> Any:
        changes = {name: cleaned[name] for name in PartyData.__dataclass_fields__ if name in cleaned}
        return applications.person_save(
            actor=actor, case=case, version=cleaned["version"], party=found, changes=kept(changes, secrets)
        )

    return _page(
        request, case, forms.PersonStepForm, save, title=_("Change a person"), success=_("The person was changed."),
        options={"stored": masks(found, secrets)}, initial={"id_kind": found.id_kind}, lead=found.name.masked,
    )  # fmt: skip


@drafting
def part_add(request: HttpRequest, actor: Actor, case: LoanCase, party: int) -> HttpResponse:
    """A further part of a person."""
    found, form = party_of(case, party), forms.PartStepForm

    def save(cleaned: Any) -> Any:
        return applications.part_add(
            actor=actor, case=case, version=cleaned["version"], party=found, part=form.part(cleaned)
        )

    return _page(
        request, case, form, save, title=_("Add a part"), success=_("The part was added."), keeps=False, lead=found.name.masked
    )  # fmt: skip


@drafting
def part_end(request: HttpRequest, actor: Actor, case: LoanCase, interest: int) -> HttpResponse:
    """End a person's part after asking once."""
    live = Interest.objects.filter(borrower_id=case.borrower_id, ended_on=None).select_related("party")
    found = row_of(live, interest, case)

    def save(cleaned: Cleaned) -> Any:
        return applications.part_end(actor=actor, case=case, version=cleaned["version"], interest=found)

    question = _("Does %(person)s no longer act as %(part)s of this business?")
    return _page(
        request, case, NothingMoreForm, save, title=_("End a part"), success=_("The part has ended."), keeps=False,
        submit_label=_("End the part"), danger=True,
        lead=question % {"person": found.party.name.masked, "part": found.get_kind_display()},
    )  # fmt: skip
