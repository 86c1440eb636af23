"""The last steps: documents, consents, the declaration, and sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.applications import facts
from apps.applications.guards import declaration_signed
from apps.applications.policy import DECLARATION_TEXTS, DECLARATION_VERSION
from apps.applications.rules.completeness import SIGNER
from apps.applications.rules.promises import SPEAKERS, speakers_of
from apps.applications.selectors import application_read
from apps.applications.services import document_add
from apps.applications.views.finding import uploads_of
from apps.core.actor import Actor
from apps.core.pages import post_form
from apps.portal import selectors, services, wizard
from apps.portal import wizard_forms as forms
from apps.portal.forms import HandInForm
from apps.portal.views.drafts import drafting, step_page, step_words
from apps.workflow.models import LoanCase


@drafting
def documents(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """What is asked for, what is there, and a place to hand the next one in."""
    there = selectors.documents_of(case)
    have = {str(line.label) for line in there if line.state != "rejected"}
    wanted = [(code, label, str(label) in have) for code, label in facts.required_documents(case).items()]
    first = next((code for code, _label, is_there in wanted if not is_there), "")
    return post_form(
        request, HandInForm, success_url=wizard.step_url(case, "documents"), template="portal/papers.html",
        success=_("Thank you. The document is with your application."), initial={"code": request.GET.get("code", first)},
        service=lambda cleaned: document_add(
            actor=actor, case=case, code=cleaned["code"], stream=cleaned["file"].file, name=cleaned["file"].name
        ),
        context={**step_words(case, "documents"), "wanted": wanted, "documents": there,
                 **uploads_of(case, wizard.step_url(case, "documents"))},
    )  # fmt: skip


@drafting
def consents(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """Each consent on its own; what is not ticked is not given."""
    missing = services.consents_missing(case)

    def save(cleaned: Mapping[str, Any]) -> Any:
        return services.consents_say(actor=actor, case=case, kinds=cleaned["kinds"]) if cleaned["kinds"] else None

    return post_form(
        request, forms.ConsentsStepForm, service=save, options={"kinds": missing}, template="portal/consents.html",
        success_url=wizard.url_beside(case, "consents", 1),
        context={**step_words(case, "consents"), "given": selectors.consents_shown(actor, case), "asked": missing,
                 "may_say": _speaks(actor, case, SPEAKERS)},
    )  # fmt: skip


@drafting
def send(request: HttpRequest, actor: Actor, case: LoanCase) -> HttpResponse:
    """The whole application on one page, the declaration, and the button that sends it."""
    declares = bool(declaration_signed(case, actor, {}))
    signs = not declares or _speaks(actor, case, {SIGNER})
    return step_page(
        request, case, "send", forms.SendForm,
        lambda cleaned: services.application_send(
            actor=actor, case=case, version=cleaned["version"], declared=bool(cleaned.get("declared"))
        ),
        success=_("Your application is with the bank. We tell you here what comes next."), keeps=False,
        next_url=reverse("portal:case", args=[case.number]), template="portal/send.html", options={"declares": declares},
        declares=declares, signs=signs, declaration=DECLARATION_TEXTS[DECLARATION_VERSION], words=application_read(actor, case),
        business=case.borrower, behind=selectors.business_shown(case.borrower), facilities=facts.facility_facts(case),
        given=selectors.consents_shown(actor, case), documents=selectors.documents_of(case),
    )  # fmt: skip


def _speaks(actor: Actor, case: LoanCase, parts: Any) -> bool:
    own = selectors.own_person(actor, case.borrower_id)
    return own is not None and own.pk in speakers_of(facts.parts_of(case.borrower), parts)
